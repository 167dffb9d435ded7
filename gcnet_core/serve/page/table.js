// Rows as `gcnet predict` writes them, and as a CSV file.

const NOT_A_FORMULA = /^[=+\-@\t\r]/;

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
    ...Object.fromEntries(classes.map((name) => [name, probabilities[name]])),
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
  const text = NOT_A_FORMULA.test(value) ? `'${value}` : value; // spreadsheets would compute it
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
