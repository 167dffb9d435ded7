// What a person sees of an answer. Text is only ever set as text: names of files may hold anything.

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A card for a picture that waits for its answer.
export function pictureCard(name, blob) {
  const picture = element("figure", { className: "picture" });
  if (blob.type.startsWith("image/")) {
    const url = URL.createObjectURL(blob);
    const image = element("img", { src: url, alt: `The picture ${name}` });
    image.onload = () => URL.revokeObjectURL(url);
    image.onerror = () => picture.replaceChildren(element("p", { className: "soft", textContent: "This browser cannot show the picture." }));
    picture.append(image);
  }
  const said = element("span", { className: "soft", textContent: "waiting" });
  const faces = element("div", { className: "faces" });
  const title = element("div", { className: "title" }, element("h2", { textContent: name }), said);
  const card = element("article", { className: "card" }, title, picture, faces);
  return { card, picture, faces, say: (text) => (said.textContent = text) };
}

// Boxes over a picture or a video; without a box, none.
export function drawBoxes(picture, answer) {
  picture.querySelectorAll("svg, .badge").forEach((old) => old.remove());
  const boxed = answer.faces.filter((face) => face.box);
  if (!boxed.length) return;
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", `0 0 ${answer.width} ${answer.height}`);
  drawing.setAttribute("aria-hidden", "true");
  for (const { box, number } of boxed) {
    const frame = document.createElementNS(SVG, "rect");
    for (const key of ["x", "y", "width", "height"]) frame.setAttribute(key, box[key]);
    frame.setAttribute("rx", 0.03 * box.width);
    drawing.append(frame);
    const badge = element("span", { className: "badge", textContent: number, ariaHidden: "true" });
    badge.style.left = `${(100 * box.x) / answer.width}%`;
    badge.style.top = `${(100 * box.y) / answer.height}%`;
    picture.append(badge);
  }
  picture.append(drawing);
}

export function faceCard(face, classes) {
  const percent = (name) => Math.round(100 * face.probabilities[name]);
  const heading = element("h3", {}, element("span", { className: "number", textContent: face.number }), face.label);
  heading.setAttribute("aria-label", `Face ${face.number}: ${face.label}`);
  const bars = element("ul", { ariaLabel: `Probabilities of face ${face.number}` });
  for (const name of classes) {
    const fill = element("div", { className: "fill" });
    fill.style.width = `${100 * face.probabilities[name]}%`;
    const track = element("div", { className: "track" }, fill);
    const share = element("span", { textContent: `${percent(name)} %` });
    bars.append(element("li", { className: name === face.label ? "first" : "" }, element("span", { textContent: name }), track, share));
  }
  const card = element("div", { className: "face" }, heading);
  if (face.pictures) card.append(looks(face));
  card.append(bars);
  return card;
}

function looks({ pictures, number }) {
  const shown = element("div", { className: "looks" });
  const captions = { face: "as the model sees it", neutral: "at rest, as the model thinks", difference: "the difference" };
  for (const [key, caption] of Object.entries(captions)) {
    if (!pictures[key]) continue;
    const image = element("img", { src: pictures[key], alt: `Face ${number}: ${caption}` });
    shown.append(element("figure", {}, image, element("figcaption", { textContent: caption })));
  }
  return shown;
}
