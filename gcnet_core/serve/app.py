"""The application: the page, and the endpoints that it uses and others may."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, File, Form, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.formparsers import MultiPartParser

from gcnet_core.inference.recognizer import Faces
from gcnet_core.plugin_api import UserError
from gcnet_core.serve.about import about_page
from gcnet_core.serve.desk import Deadline, Desk, Refused
from gcnet_core.serve.guard import Guard, refusal
from gcnet_core.serve.person import Upload
from gcnet_core.serve.predictor import Predictor, Question
from gcnet_core.serve.schemas import Health, ModelInfo, Prediction, Problem
from gcnet_core.version import __version__

PAGE = Path(__file__).parent / "page"
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        400: "this model cannot be asked so",
        403: "sent by another web page",
        408: "the request came too slowly",
        413: "too large, or too many pictures",
        503: "too many requests, or not done in time; see Retry-After",
    }.items()
}


def create_app(predictor: Predictor, hosts: Collection[str] = ()) -> FastAPI:
    """The server as an ASGI application.

    Args:
        predictor: with the model and the limits.
        hosts: names by which it may be called, beside localhost and addresses.
    """
    MultiPartParser.spool_max_size = predictor.limits.body + 1  # else what is larger than 1 MB lies on the disk
    app = FastAPI(
        title="gcnet serve",
        summary="The expressions of the faces in pictures. Nothing that is sent is stored.",
        version=__version__,
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
    )
    desk = Desk(predictor.limits)
    app.add_middleware(Guard, desk=desk, hosts=hosts)
    app.mount("/static", StaticFiles(directory=PAGE), name="static")

    @app.exception_handler(Refused)
    async def refuse(request: Request, refused: Refused) -> Response:
        return refusal(refused)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    @app.get("/about", include_in_schema=False)
    async def about() -> HTMLResponse:
        return HTMLResponse(about_page())

    @app.get("/api/health")
    async def health() -> Health:
        """Whether the server answers."""
        return Health()

    @app.get("/api/model")
    async def model() -> ModelInfo:
        """The model that answers, and the limits of a request."""
        return predictor.info

    @app.post("/api/predict", responses=REFUSALS)
    async def predict(
        request: Request,
        files: Annotated[list[UploadFile], File(description="pictures: JPEG, PNG, WebP, BMP or TIFF")],
        faces: Annotated[Faces, Form(description="find faces, or take each picture as a prepared face")] = "find",
        pictures: Annotated[bool, Form(description="whether the faces are sent back as pictures")] = True,
        reference: Annotated[list[UploadFile] | None, File(description="the face at rest of the one person")] = None,
        album: Annotated[list[UploadFile] | None, File(description="other pictures of that person")] = None,
    ) -> Prediction:
        """Recognize the expressions of all faces in some pictures."""
        deadline: Deadline = request.state.deadline
        sent = [
            [Upload(file.filename or "picture", await file.read()) for file in part or ()]
            for part in (files, reference, album)
        ]
        question = Question(sent[0], faces, sent[1], sent[2], pictures)
        if len(question) > predictor.limits.pictures:
            raise Refused(413, f"{len(question)} pictures; at most {predictor.limits.pictures} at a time")
        try:
            answers = await desk.answer(deadline, lambda: predictor.answer(question, deadline.check))
        except UserError as error:
            raise Refused(400, str(error)) from error
        info = predictor.info
        return Prediction(model=info.name, classes=info.classes, seconds=deadline.passed, pictures=answers)

    return app
