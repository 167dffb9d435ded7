// Frames of the camera or of a video file, taken in the browser: the video itself goes nowhere.

const PAUSE = 300; // milliseconds between frames of the camera
const LONGEST_SIDE = 1280;

export async function openCamera(video) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } }, audio: false });
  video.srcObject = stream;
  await video.play();
  return () => {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
}

export async function openFile(video, file) {
  const url = URL.createObjectURL(file);
  video.src = url;
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error("this browser cannot play the video"));
  });
  return () => {
    video.onloadeddata = video.onerror = null;
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  };
}

export async function* cameraFrames(video, signal) {
  const begun = performance.now();
  for (let frame = 0; !signal.aborted; frame++) {
    const next = performance.now() + PAUSE;
    yield { blob: await grab(video), frame, time: (performance.now() - begun) / 1000 };
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
}

export async function* fileFrames(video, every, signal) {
  const end = Number.isFinite(video.duration) ? video.duration : 0;
  for (let frame = 0; !signal.aborted && (frame === 0 || frame * every < end); frame++) {
    await seek(video, frame * every);
    yield { blob: await grab(video), frame, time: video.currentTime, share: end ? video.currentTime / end : 1 };
  }
}

function seek(video, time) {
  return new Promise((resolve) => {
    if (video.currentTime === time && video.readyState >= 2) return resolve();
    video.onseeked = resolve;
    video.currentTime = time;
  });
}

function grab(video) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(scale * video.videoWidth);
  canvas.height = Math.round(scale * video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}
