"""Data sets that are as they should be, and the same with a fault each; see run.py.

`drawn` needs no files and has everything that a data set can know. `folder` reads pictures from a folder of class
folders, without subjects. `rated` has votes and the parts that its authors published, and knows no references.
"""

DRAWN = '''
import zlib
import numpy as np
from pydantic import Field
from gcnet_core.plugin_api import ComponentSpec, DatasetConfig, DatasetInfo, Sample, UserError, hookimpl
from gcnet_core.interfaces import Dataset

CLASSES = ("neutral", "anger", "happiness")
PILE = []
COUNT = []
PEOPLE = ("s01", "s02", "s03", "s04")


class Config(DatasetConfig):
    """Noise with a bar."""

    side: int = Field(16, ge=8, description="height and width")

    def info(self):
        return DatasetInfo(classes=CLASSES, references=True, folds=2)


class Drawn(Dataset):
    def __init__(self, config, context):
        super().__init__(config, context)
        samples = []
        for number, subject in enumerate(PEOPLE):
            rest = f"{subject}/neutral/0"
            for expression in CLASSES:
                for shot in range(2):
                    samples.append(Sample(
                        f"{subject}/{expression}/{shot}", subject, expression, reference=rest, session="day",
                        fold=number % 2, intensity=0.0 if expression == "neutral" else 0.5 + shot / 2,
                    ))
        self.samples = tuple(samples)
        self.names = {sample.image for sample in samples}

    def read(self, name):
        if name not in self.names:
            raise UserError(f"no picture {name}")
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        pixels = rng.integers(0, 200, (self.config.side, self.config.side, 3), dtype=np.uint8)
        pixels[:4] += 50
        return pixels

    def content_key(self):
        return f"noise of {self.config.side}, 1"


@hookimpl
def gcnet_components():
    return [ComponentSpec("dataset", "part", Config, f"{__name__}:Drawn", "noise with a bar")]
'''

FOLDER = '''
from pathlib import Path
import cv2
from pydantic import Field
from gcnet_core.plugin_api import (
    ComponentSpec, DatasetConfig, DatasetInfo, MissingData, Sample, UserError, hookimpl, ordered_classes,
)
from gcnet_core.data.cache.files import content_of_files
from gcnet_core.interfaces import Dataset


class Config(DatasetConfig):
    """A folder of class folders."""

    folder: str = Field("faces", description="where the pictures lie")

    def listed(self):
        root = Path(self.folder)
        if not root.is_dir():
            raise MissingData(f"no such folder: {root}; unpack the archive there, so that it holds <expression>/<name>.png")
        files = sorted(root.glob("*/*.png"))
        return tuple(
            Sample(path.relative_to(root).as_posix(), None, path.parent.name, session=None) for path in files
        )

    def info(self):
        samples = self.listed()
        return DatasetInfo(ordered_classes([sample.expression for sample in samples]), references=False)


class Folder(Dataset):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.root = Path(config.folder)
        self.samples = config.listed()

    def read(self, name):
        pixels = cv2.imread(str(self.root / name), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            raise UserError(f"{self.root / name}: not an image")
        return pixels[:, :, None]

    def content_key(self):
        return content_of_files(self.root, [sample.image for sample in self.samples])


@hookimpl
def gcnet_components():
    return [ComponentSpec("dataset", "part", Config, f"{__name__}:Folder", "class folders")]
'''

RATED = '''
import numpy as np
from gcnet_core.plugin_api import ComponentSpec, DatasetConfig, DatasetInfo, Sample, UserError, hookimpl
from gcnet_core.interfaces import Dataset

RATED = ("neutral", "anger", "happiness", "sadness")
PARTS = ("train", "train", "train", "validation", "test")


class Config(DatasetConfig):
    """Rated noise."""

    codes = dict(enumerate(RATED))
    published = {"the training part": {"neutral": 6, "anger": 6}}

    def info(self):
        return DatasetInfo(RATED, False, 1)


class Rated(Dataset):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.samples = tuple(self.sample(index) for index in range(20))
        self.table = np.random.default_rng(0).integers(0, 256, (20, 12, 10, 1), dtype=np.uint8)

    def sample(self, index):
        label = RATED[index % 4]
        votes = ((label, 7.0), (RATED[(index + 1) % 4], 3.0))
        return Sample(f"row={index}", None, label, usage=PARTS[index % 5], votes=votes)

    def read(self, name):
        if name not in {f"row={index}" for index in range(20)}:
            raise UserError(f"no picture {name}")
        return self.table[int(name[4:])]


@hookimpl
def gcnet_components():
    return [ComponentSpec("dataset", "part", Config, f"{__name__}:Rated", "rated noise")]
'''

GOOD: dict[str, str] = {"drawn": DRAWN, "folder": FOLDER, "rated": RATED}


def _picture(seed: int) -> str:
    """Noise as a text file that OpenCV reads, whatever its suffix."""
    numbers = [str((7919 * (seed + 1) * (place + 3) // 11) % 256) for place in range(14 * 12)]
    return "P2\n12 14\n255\n" + "\n".join(numbers) + "\n"


CLASS_FOLDERS = ("anger", "happiness", "neutral")
NEEDED = {
    f"faces/{expression}/{number}.png": _picture(3 * place + number)
    for place, expression in enumerate(CLASS_FOLDERS)
    for number in range(3)
}
"""What `folder` finds below the current folder."""

FAULTS: list[tuple[str, str, str, str]] = [
    ("a list", "drawn", "tuple(samples)", "samples"),
    ("no samples", "drawn", "tuple(samples)", "()"),
    ("dicts", "drawn", "tuple(samples)", "tuple(vars(sample) for sample in samples)"),
    ("not set", "drawn", "self.samples = tuple(samples)", "self.listed = tuple(samples)"),
    ("subject is a number", "drawn", "{shot}\", subject,", "{shot}\", number,"),
    ("subject with a blank", "drawn", "\"s01\", ", "\"s01 \", "),
    ("empty subject", "drawn", "\"s01\", ", "\"\", "),
    ("name is a path", "folder", "path.relative_to(root).as_posix()", "path.relative_to(root)"),
    ("absolute names", "folder", "path.relative_to(root).as_posix()", "str(path.resolve())"),
    ("names with the folder", "folder", "path.relative_to(root).as_posix(), None", "str(path), None"),
    ("upper case", "drawn", "subject, expression, reference", "subject, expression.title(), reference"),
    ("labels are numbers", "drawn", "subject, expression, reference", "subject, str(CLASSES.index(expression)), reference"),
    ("intensity in percent", "drawn", "0.5 + shot / 2", "50 + 50 * shot"),
    ("negative intensity", "drawn", "0.0 if expression", "-0.1 if expression"),
    ("fold as text", "drawn", "fold=number % 2", "fold=str(number % 2)"),
    ("negative fold", "drawn", "fold=number % 2", "fold=number % 2 - 1"),
    ("weighted", "drawn", "session=\"day\"", "session=\"day\", weight=3.0"),
    ("train only", "drawn", "session=\"day\"", "session=\"day\", train_only=True"),
    ("one name twice", "drawn", "range(2)", "(0, 1, 1)"),
    ("all listed twice", "drawn", "tuple(samples)", "tuple(samples + samples)"),
    ("more with every object", "drawn", "        samples = []", "        samples = PILE"),
    ("drawn order", "drawn", "self.samples = tuple(samples)", "np.random.shuffle(samples)\n        self.samples = tuple(samples)"),
    ("order of a set", "drawn", "for expression in CLASSES:", "for expression in set(CLASSES):"),
    ("order of a set of people", "drawn", "enumerate(PEOPLE)", "enumerate(list(set(PEOPLE)))"),
    ("order of the file system", "folder", "sorted(root.glob(\"*/*.png\"))", "list(root.glob(\"*/*.png\"))"),
    ("order by time", "folder", "sorted(root.glob(\"*/*.png\"))", "sorted(root.glob(\"*/*.png\"), key=lambda path: path.stat().st_ino)"),
    ("samples change when read", "drawn", "        pixels[:4] += 50", "        self.samples = self.samples[1:]\n        pixels[:4] += 50"),
    ("classes in another order", "drawn", "classes=CLASSES", "classes=CLASSES[::-1]"),
    ("classes as a list", "drawn", "classes=CLASSES", "classes=list(CLASSES)"),
    ("alphabetical classes", "folder", "ordered_classes([sample.expression for sample in samples])", "tuple(sorted({sample.expression for sample in samples}))"),
    ("a class too many", "drawn", "classes=CLASSES", "classes=(*CLASSES, \"sadness\")"),
    ("a class too few", "drawn", "classes=CLASSES", "classes=CLASSES[:2]"),
    ("claims no references", "drawn", "references=True", "references=False"),
    ("claims references", "rated", "False, 1)", "True, 1)"),
    ("claims folds", "drawn", "folds=2", "folds=10"),
    ("forgets folds", "drawn", ", folds=2", ""),
    ("info is a dict", "drawn", "DatasetInfo(classes=CLASSES", "dict(classes=CLASSES"),
    ("info decodes", "folder", "        samples = self.listed()\n", "        samples = self.listed()\n        [cv2.imread(str(Path(self.folder) / sample.image)) for sample in samples]\n"),
    ("info is slow", "drawn", "        return DatasetInfo(", "        __import__('time').sleep(1.5)\n        return DatasetInfo("),
    ("info changes", "drawn", "folds=2)", "folds=2 + (COUNT.append(0) or len(COUNT)) // 2)"),
    ("an expressive reference", "drawn", "{subject}/neutral/0", "{subject}/anger/0"),
    ("another person's reference", "drawn", "reference=rest", "reference=rest.replace(\"s02\", \"s01\")"),
    ("one reference for all", "drawn", "reference=rest", "reference=\"s01/neutral/0\""),
    ("a foreign reference outside", "drawn", "reference=rest", "reference=\"mean\""),
    ("its own reference", "drawn", "reference=rest", "reference=f\"{subject}/{expression}/{shot}\""),
    ("a reference that is not there", "drawn", "reference=rest", "reference=rest + \"/rest\""),
    ("folds from 1", "drawn", "fold=number % 2", "fold=number % 2 + 1"),
    ("a person in two folds", "drawn", "fold=number % 2", "fold=shot"),
    ("labels shifted", "folder", "path.parent.name, session", "{\"anger\": \"happiness\", \"happiness\": \"anger\"}.get(path.parent.name, path.parent.name), session"),
    ("a usage of its own", "rated", "\"train\", \"train\", \"train\"", "\"Training\", \"train\", \"train\""),
    ("votes in a dict", "rated", "votes=votes", "votes=dict(votes)"),
    ("votes for nobody", "rated", "(label, 7.0), (RATED[(index + 1) % 4], 3.0)", "(label, 0.0),"),
    ("negative votes", "rated", "3.0)", "-3.0)"),
    ("votes not numbers", "rated", "3.0)", "float(\"nan\"))"),
    ("votes by another name", "rated", "(RATED[(index + 1) % 4], 3.0)", "(\"joy\", 3.0)"),
    ("columns shifted", "rated", "((label, 7.0), (RATED[(index + 1) % 4], 3.0))", "((label, 3.0), (RATED[(index + 1) % 4], 7.0))"),
    ("codes the other way round", "rated", "codes = dict(enumerate(RATED))", "codes = {name: code for code, name in enumerate(RATED)}"),
    ("published without numbers", "rated", "\"anger\": 6", "\"anger\": \"6\""),
    ("notes as a text", "drawn", "    def info(self):", "    def notes(self):\n        return \"a note\"\n\n    def info(self):"),
    ("floats", "drawn", "return pixels", "return pixels / 255"),
    ("float32 to 255", "drawn", "return pixels", "return pixels.astype(np.float32)"),
    ("ones and zeros", "drawn", "return pixels", "return pixels // 200"),
    ("no channel", "folder", "pixels[:, :, None]", "pixels"),
    ("channels first", "folder", "pixels[:, :, None]", "pixels[None]"),
    ("an alpha channel", "drawn", "side, 3), dtype", "side, 4), dtype"),
    ("one picture is a float", "drawn", "return pixels", "return pixels / 255 if name == \"s02/anger/1\" else pixels"),
    ("nothing for grey recipes", "drawn", "return pixels", "return pixels if self.image.channels == 3 else pixels[:, :, 0]"),
    ("a list of lists", "drawn", "return pixels", "return pixels.tolist()"),
    ("an empty picture", "drawn", "return pixels", "return pixels[:0]"),
    ("noise", "drawn", "return pixels", "return pixels + np.random.randint(0, 2, pixels.shape, dtype=np.uint8)"),
    ("augmented by torch", "drawn", "return pixels", "return np.roll(pixels, int(__import__('torch').randint(0, 9, ())), 0)"),
    ("hash of the name", "drawn", "zlib.crc32(name.encode())", "hash(name) % 2**32"),
    ("a running generator", "drawn", "np.random.default_rng(zlib.crc32(name.encode()))", "self.rng = getattr(self, 'rng', None) or np.random.default_rng(0)\n        rng = self.rng"),
    ("one buffer", "drawn", "return pixels", "self.buffer = getattr(self, 'buffer', pixels)\n        self.buffer[:] = pixels\n        return self.buffer"),
    ("brighter each time", "rated", "return self.table[int(name[4:])]", "self.table += 1\n        return self.table[int(name[4:])].copy()"),
    ("state between threads", "drawn", "rng = np.random.default_rng(zlib.crc32(name.encode()))", "self.name = name\n        __import__('time').sleep(0.0005)\n        rng = np.random.default_rng(zlib.crc32(self.name.encode()))"),
    ("one thread alone", "drawn", "        rng = ", "        import threading\n        assert threading.current_thread() is threading.main_thread()\n        rng = "),
    ("an open file that is shared", "rated", "return self.table[int(name[4:])]", "self.at = int(name[4:])\n        for _ in range(200):\n            pass\n        return self.table[self.at]"),
    ("unknown names are black", "drawn", "            raise UserError(f\"no picture {name}\")", "            return np.zeros((8, 8, 1), dtype=np.uint8)"),
    ("unknown names are a KeyError", "drawn", "raise UserError(f\"no picture {name}\")", "raise KeyError(name)"),
    ("unknown names are not named", "drawn", "raise UserError(f\"no picture {name}\")", "raise UserError(\"no such picture\")"),
    ("one picture for all", "drawn", "zlib.crc32(name.encode())", "0"),
    ("seeds numpy", "drawn", "        samples = []", "        np.random.seed(0)\n        samples = []"),
    ("seeds torch", "drawn", "        samples = []", "        __import__('torch').manual_seed(0)\n        samples = []"),
    ("prints", "drawn", "        rng = np", "        print(name)\n        rng = np"),
    ("a damaged file is a traceback", "folder", "        if pixels is None:\n            raise UserError(f\"{self.root / name}: not an image\")\n", "        if not (self.root / name).is_file():\n            raise UserError(f\"{self.root / name}: not an image\")\n"),
    ("a damaged file is black", "folder", "            raise UserError(f\"{self.root / name}: not an image\")\n", "            if not (self.root / name).is_file():\n                raise UserError(f\"{self.root / name}: not an image\")\n            return __import__('numpy').zeros((8, 8, 1), dtype='uint8')\n"),
    ("missing files are a traceback", "folder", "raise MissingData(", "raise FileNotFoundError("),
    ("missing files are an error", "folder", "raise MissingData(", "raise UserError("),
    ("missing files are not told", "folder", "if not root.is_dir():", "if False:"),
    ("missing files without advice", "folder", "; unpack the archive there, so that it holds <expression>/<name>.png", ""),
    ("missing files without the place", "folder", "no such folder: {root}; unpack", "files are missing; please unpack"),
    ("writes an index", "folder", "        self.samples = config.listed()", "        self.samples = config.listed()\n        (self.root / 'index.txt').write_text('x')"),
    ("a key without an option", "drawn", "f\"noise of {self.config.side}, 1\"", "\"noise, 1\""),
    ("a key of names alone", "folder", "content_of_files(self.root, [sample.image for sample in self.samples])", "repr(self.samples)"),
    ("a key that is a number", "drawn", "f\"noise of {self.config.side}, 1\"", "self.config.side"),
    ("another key each time", "drawn", "f\"noise of {self.config.side}, 1\"", "str(COUNT.append(0) or len(COUNT))"),
    ("another base", "drawn", "(DatasetConfig):", "(__import__('gcnet_core.plugin_api').plugin_api.PluginConfig):"),
]  # fmt: skip
