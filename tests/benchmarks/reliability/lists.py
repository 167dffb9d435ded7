"""Lists that say what pictures show: manifests and FER2013, with the faults that tables of people have."""

from hypothesis import strategies as st

from tests.benchmarks.reliability.pictures import picture
from tests.benchmarks.reliability.trees import CLASSES, ODD, PEOPLE, Tree

COLUMNS = (
    "image",
    "expression",
    "subject",
    "reference",
    "session",
    "lighting",
    "fold",
    "part",
    "intensity",
    "votes",
    "sex",
)
BOX = ("x", "y", "w", "h")
NUMBERS = ("0", "1", "2", "1.0", "-1", "²", "inf", "nan", "1e999", "", " 3", "٣", "0x1", "9" * 40)
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32")
ENDS = ("\n", "\n", "\r\n", "\r")
ODD_CELLS = ("", "nan", "NA", "\0", '"', "a\nb", "=1+1", "-", "x" * 200_000, "../a.png", "/etc/hostname", *ODD)


def _cells(column: str, names: list[str]) -> st.SearchStrategy[str]:
    usual: st.SearchStrategy[str]
    if column in ("image", "reference"):
        usual = st.sampled_from(names)
    elif column == "expression":
        usual = st.sampled_from(CLASSES)
    elif column in ("fold", "intensity", *BOX):
        usual = st.sampled_from(("0", "1", "2", "3"))
    elif column == "part":
        usual = st.sampled_from(("train", "test", "validation", "Training"))
    elif column == "votes":
        usual = st.sampled_from(("happy=1;sad=2", "happy=x", "=", "anger=1e9"))
    else:
        usual = st.sampled_from(PEOPLE)
    odd = st.sampled_from(NUMBERS) | st.sampled_from(ODD_CELLS)
    return st.integers(0, 19).flatmap(lambda chance: odd if chance == 0 else usual)


def _text(draw: st.DrawFn, rows: list[list[str]]) -> bytes:
    """Rows as a file, sometimes with a short or a long row, another separator, encoding or line end."""
    separator = draw(st.sampled_from((",", ",", ",", ",", ";", "\t")))
    if draw(st.integers(0, 3)) == 0:
        row = draw(st.integers(0, len(rows) - 1))
        rows[row] = rows[row][:-1] if draw(st.booleans()) else [*rows[row], "more"]
    quoted = draw(st.booleans())
    lines = [separator.join(_quoted(cell, quoted, separator) for cell in row) for row in rows]
    text = draw(st.sampled_from(ENDS)).join([*lines, *draw(st.sampled_from(([], [""], ["", ""])))])
    content = text.encode(draw(st.sampled_from(ENCODINGS)), "replace")
    return content[: draw(st.integers(0, len(content)))] if draw(st.integers(0, 9)) == 0 else content


def _quoted(cell: str, quoted: bool, separator: str) -> str:
    return (
        '"' + cell.replace('"', '""') + '"' if quoted and (separator in cell or '"' in cell or "\n" in cell) else cell
    )


@st.composite
def manifests(draw: st.DrawFn) -> Tree:
    """A folder of pictures with a manifest."""
    tree: Tree = {f"p{number}.png": picture("png", "L", (12, 12), number) for number in range(draw(st.integers(1, 6)))}
    names = [*tree, *(["missing.png"] if draw(st.integers(0, 9)) == 0 else [])]
    columns = ["image", "expression", *draw(st.lists(st.sampled_from(COLUMNS[2:]), unique=True))]
    if draw(st.integers(0, 4)) == 0:
        columns += BOX
    if draw(st.integers(0, 9)) == 0:
        columns[draw(st.integers(0, len(columns) - 1))] = draw(st.sampled_from(("file", "Image", "", "label", "image")))
    rows = [[draw(_cells(column, names)) for column in columns] for _ in range(draw(st.integers(0, 6)))]
    tree["manifest.csv"] = _text(draw, [columns, *rows])
    return tree


@st.composite
def fer_lists(draw: st.DrawFn) -> Tree:
    """FER2013 as one file, sometimes with the list of FER+ beside it."""
    count = draw(st.integers(0, 5))
    rows = [["emotion", "pixels", "Usage"]]
    for _ in range(count):
        side = draw(st.sampled_from((48, 48, 48, 2, 0)))
        pixels = " ".join([str(draw(st.integers(0, 255)))] * side * side)
        usage = draw(st.sampled_from(("Training", "PublicTest", "PrivateTest", "training", "", "x")))
        rows.append([draw(_cells("fold", [])), draw(st.sampled_from((pixels, pixels, pixels, "1 2 x", "300"))), usage])
    tree: Tree = {draw(st.sampled_from(("fer2013.csv", "icml_face_data.csv", "train.csv"))): _text(draw, rows)}
    if draw(st.booleans()):
        names = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF"]
        votes = [["Usage", "Image name", *names]]
        for number in range(count + draw(st.integers(-1, 1)) if count else 0):
            votes.append(["Training", f"fer{number:07d}.png", *(draw(st.sampled_from(NUMBERS[:4])) for _ in names)])
        tree["fer2013new.csv"] = _text(draw, votes)
    return tree


def lists() -> st.SearchStrategy[Tree]:
    """A folder with a list."""
    return st.one_of(manifests(), manifests(), fer_lists())
