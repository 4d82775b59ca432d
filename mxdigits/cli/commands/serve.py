"""The command ``mxdigits serve``: a page to draw digits on, and an API."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..data_options import PreprocessingOption
from ..options import (
    BackendOption,
    ContextOption,
    NetworkArgument,
    TtaOption,
    one_or_several,
    say,
)


def serve(
    run: NetworkArgument = None,
    host: Annotated[
        str,
        typer.Option(help="The address to listen on; 0.0.0.0 lets the whole network in."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")
    ] = 8000,
    store: Annotated[
        Optional[Path], typer.Option(help="Keep corrected digits here, as a folder data set.")
    ] = None,
    allow_host: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="NAME",
            help="Another host name of this server; repeatable.",
        ),
    ] = None,
    rate: Annotated[
        float,
        typer.Option(min=0, help="Most requests a second from one address; 0: no limit."),
    ] = 100,
    batch_size: Annotated[
        int, typer.Option(min=1, help="The most digits that are predicted together.")
    ] = 32,
    preprocessing: PreprocessingOption = None,
    tta: TtaOption = 1,
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """Serve a page to draw digits on, and an API, until Ctrl-C.

    Without RUN, the network that comes with mxdigits is used.

    Example: mxdigits serve mlp --store mine
    """
    from ...serve.limits import Limits
    from ...serve.server import Serving
    from ...serve.server import serve as serve_run
    from ..networks import installed_name, network_of

    served = network_of(run)
    wanted = Serving(
        host=host,
        port=port,
        store=store,
        names=allow_host or (),
        context=context or ["cpu"],
        backend=one_or_several(backend),
        preprocessing=preprocessing.value if preprocessing else None,
        batch_size=batch_size,
        tta=tta,
        name=installed_name(run, served),
        limits=Limits(rate=rate),
    )
    serve_run(served, wanted, say=say)
