"""Schemas: what the endpoints answer, as OpenAPI describes it."""

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """That the server answers."""

    status: Literal["ok"] = "ok"


class RequestLimits(BaseModel):
    """What a request may hold."""

    megabytes: float
    megapixels: float
    pictures: int
    seconds: float


class ModelInfo(BaseModel):
    """The model that answers."""

    name: str
    classes: list[str] = Field(description="expressions in the order of the probabilities")
    size: int = Field(description="pixels of a prepared face on each side")
    channels: int = Field(description="1: grey, 3: color")
    takes_references: bool = Field(description="whether pictures of the person change the answer")
    finds_faces: bool = Field(description="whether photographs can be sent; otherwise prepared faces alone")
    reason: str = Field(description="why photographs cannot be sent")
    detector: str | None = Field(description="what finds the faces")
    limits: RequestLimits
    version: str = Field(description="of gcnet")


class Box(BaseModel):
    """Where a face is, pixels of the upright picture."""

    x: float
    y: float
    width: float
    height: float


class Point(BaseModel):
    """A place in the upright picture, pixels."""

    x: float
    y: float


class FacePictures(BaseModel):
    """What the model saw and made, as PNG files in data URIs."""

    face: str
    neutral: str | None = Field(description="the neutral face that was made of it; null without a generator")
    difference: str | None = Field(description="how far the two differ, as a heat map over the face")


class FaceAnswer(BaseModel):
    """One face."""

    number: int = Field(description="from 1 at the left")
    box: Box | None = Field(description="null for a prepared face")
    right_eye: Point | None = Field(description="of the person: on the left of an upright face")
    left_eye: Point | None
    score: float | None = Field(description="how sure the detector is")
    turn: float | None = Field(description="of the face, degrees clockwise")
    label: str = Field(description="the most probable expression")
    probabilities: dict[str, float]
    distance: float | None = Field(description="between query and reference; null for a model without references")
    pictures: FacePictures | None = Field(description="null if they were not wanted")


class PictureAnswer(BaseModel):
    """One picture that was sent."""

    file: str
    width: int | None = Field(description="of the upright picture, pixels; null if it could not be read")
    height: int | None
    reason: str = Field(description="why there is no face; empty where there is one")
    faces: list[FaceAnswer]


class Prediction(BaseModel):
    """The answer to a request."""

    model: str
    classes: list[str]
    seconds: float = Field(description="that it took, waiting included")
    pictures: list[PictureAnswer] = Field(description="in the order in which they were sent")


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str
