"""`gcnet serve`: a page in the browser."""

import os
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Plugin, check_device
from gcnet_core.output.streams import tell

MISSING = "gcnet serve needs the packages fastapi, uvicorn and python-multipart: pip install 'gcnet[serve]'"


def command(
    model: Annotated[
        str | None,
        typer.Argument(help="folder of a run or a model, .onnx file, or name; default: the model in the box"),
    ] = None,
    host: Annotated[str, typer.Option(help="address; another one than this machine's own opens it to a network")] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="default: 8000, or the next one that is free")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="a name by which browsers call this server; repeatable")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="open the page in the browser")] = False,
    detector: Annotated[str | None, typer.Option(help="what finds the faces; default: as the model says")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="change a setting of the preparation; repeatable"),
    ] = None,
    device: Device = None,
    plugin: Plugin = None,
    max_megabytes: Annotated[float, typer.Option(min=0.1, help="of a request")] = 32,
    max_megapixels: Annotated[float, typer.Option(min=0.01, max=1000, help="of a picture")] = 50,
    max_pictures: Annotated[int, typer.Option(min=1, max=1000, help="of a request")] = 64,
    max_seconds: Annotated[float, typer.Option(min=1, help="for a request, waiting included")] = 60,
    max_requests: Annotated[int, typer.Option(min=1, help="at a time; they are answered one after another")] = 8,
) -> None:
    """Open a page where people drop pictures, or use the camera, and see what a model says of the faces.

    Everything stays on this machine and nothing is stored. The same answers are to be had as JSON.

    Example: gcnet serve --open
    """
    # a second bar behind the server's own; OpenCV reads it when it is loaded
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(int(max_megapixels * 1_000_000)))
    try:
        import fastapi  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as error:
        from gcnet_core.plugin_api import UserError

        raise UserError(MISSING) from error
    from gcnet_core.inference.recognizer import load
    from gcnet_core.serve.app import create_app
    from gcnet_core.serve.limits import Limits
    from gcnet_core.serve.predictor import Predictor
    from gcnet_core.serve.server import address, is_loopback, listen, open_browser, serve

    check_device(device)
    listening = listen(host, port)  # before the model is read: mistakes are told at once
    url = address(listening, host)
    limits = Limits(max_megabytes, max_megapixels, max_pictures, max_seconds, max_requests)
    recognizer = load(model, device=device, detector=detector, settings=override or (), plugins=plugin or ())
    predictor = Predictor(recognizer, limits, needs_finder=bool(detector or override))
    if predictor.reason:
        tell(f"note: only prepared faces can be sent: {predictor.reason}", err=True)
    if not is_loopback(host):
        tell(
            f"warning: whoever reaches {host} can use this server, and what is sent is not encrypted; browsers open "
            "the camera on this machine alone, or behind a proxy with https",
            err=True,
        )
    predictor.warm_up()

    def started() -> None:
        tell(f"{predictor.info.name} at {url}  (Ctrl-C ends it)")
        if open_page:
            open_browser(url)

    serve(create_app(predictor, [host, *(allow_host or ())]), listening, started)
