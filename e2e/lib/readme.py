"""The README's examples: a command after "$ " and the answer that it prints."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

EXAMPLE = re.compile(r"```console\n\$ (.*?)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Example:
    command: str
    printed: str

    def answer(self, public: int, management: int) -> str:
        command = self.command.replace("localhost:8080", f"127.0.0.1:{public}").replace("localhost:9000", f"127.0.0.1:{management}")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
        output = done.stdout + done.stderr
        return output if output.endswith("\n") else output + "\n"


def examples(readme: Path) -> list[Example]:
    """Those of the API; other console blocks may show tasks."""
    found = [Example(*match) for match in EXAMPLE.findall(readme.read_text())]
    return [each for each in found if each.command.startswith("curl ") and "localhost:" in each.command]
