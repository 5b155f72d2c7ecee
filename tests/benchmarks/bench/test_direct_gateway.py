"""The direct gateway's configuration: addresses beside it, unknown to the installed directory."""

import json
from pathlib import Path

from benchmarks.bench import direct
from benchmarks.bench.direct_gateway import configured


def test_addresses_beside_the_configuration_are_called(tmp_path: Path) -> None:
    path = tmp_path / "chakong.toml"
    path.write_text('[listen]\naddress = "127.0.0.1:0"\nplaintext = true\n[endpoints]\nplaintext = true\n')
    (tmp_path / direct.ADDRESSES).write_text(json.dumps({"direct-0000": "127.0.0.1:9"}))
    config = configured(path)
    assert config.endpoints.addresses == {"direct-0000": "127.0.0.1:9"}
    assert config.endpoints.plaintext
    assert config.journal.path == tmp_path / "chakong.journal"
