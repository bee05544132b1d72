"""A cohort on a Dask cluster: the one door to dask. Seeds go out, lives come back; a lost worker's go out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sim.cohorts.arm import Arm, Life, played_by
from sim.engine.version import ENGINE
from sim.words.errors import UserError

PATIENCE = "10 s"
"""How long to wait for a scheduler."""


def played_on(
    address: str, chosen: Arm, batches: Sequence[Sequence[int]], progress: Callable[[int], None]
) -> Iterator[tuple[Life, ...]]:
    """Yield the lives of each batch, in order, played by the cluster whose scheduler is at `address`.

    The case travels once to each worker, as a task of its own: should its holder be lost, it is made again. Raises
    UserError if dask is missing, nobody answers, or a worker plays with another engine.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise UserError("a cluster needs dask", "pip install 'scurfy[cluster]'") from error
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler answers at {address}", "for example: --dask tcp://10.0.0.5:8786") from error
    with client:
        case = client.submit(_travelled, chosen, pure=False)
        asked = {client.submit(played_by, case, batch, pure=False, retries=3): i for i, batch in enumerate(batches)}
        played: dict[int, tuple[Life, ...]] = {}
        for future in as_completed(asked):
            engine, lives = future.result()
            if engine != ENGINE:
                raise UserError(f"a worker plays with engine {engine}, this is engine {ENGINE}", "install one version")
            played[asked[future]] = lives
            progress(len(lives))
    yield from (played[i] for i in range(len(batches)))


def _travelled(chosen: Arm) -> Arm:
    return chosen
