// Rows as `gcnet predict` writes them, and as a CSV file.

const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^'*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const COLUMNS = ["file", "frame", "time", "face", "x", "y", "width", "height", "right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y", "score", "turn", "label", "distance", "reason"];

// Names of the columns with probabilities: an expression that is called like another column gets p_ in front.
function columns(classes) {
  const names = [];
  for (let name of classes) {
    while (COLUMNS.includes(name) || names.includes(name)) name = `p_${name}`;
    names.push(name);
  }
  return names;
}

export function rows(answer, classes, frame = null, time = null) {
  const where = { file: answer.file, frame, time };
  if (!answer.faces.length) return [{ ...row(where, null, classes), reason: answer.reason }];
  return answer.faces.map((face) => row(where, face, classes));
}

function row(where, face, classes) {
  const { box, right_eye: right, left_eye: left, probabilities = {} } = face ?? {};
  return {
    ...where,
    face: face?.number,
    x: box?.x, y: box?.y, width: box?.width, height: box?.height,
    right_eye_x: right?.x, right_eye_y: right?.y, left_eye_x: left?.x, left_eye_y: left?.y,
    score: face?.score,
    turn: face?.turn,
    label: face?.label,
    ...Object.fromEntries(columns(classes).map((column, index) => [column, probabilities[classes[index]]])),
    distance: face?.distance,
    reason: "",
  };
}

export function csv(table) {
  const keys = Object.keys(table[0] ?? {});
  return [keys, ...table.map((line) => keys.map((key) => line[key]))].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value; // spreadsheets would compute it
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
