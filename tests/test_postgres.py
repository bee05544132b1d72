"""The Postgres that tests may have: it answers, and nothing of it is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from postgres import cluster, programs

pytestmark = pytest.mark.slow


def test_a_cluster_answers_and_leaves_nothing_behind() -> None:
    found = programs()
    if found is None:
        pytest.skip("needs Postgres: none is installed on this machine")
    with cluster(found) as ask:
        assert ask("CREATE TABLE child (name text); INSERT INTO child VALUES ('Ada'); SELECT name FROM child") == "Ada"
        folder = Path(ask("SHOW unix_socket_directories"))
        assert folder.is_dir()
    assert not folder.exists()
