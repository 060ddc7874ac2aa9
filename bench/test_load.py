"""The load generator's own tests, as part of the same suite."""

import shutil
import subprocess
import unittest
from pathlib import Path


class LoadGenerator(unittest.TestCase):
    @unittest.skipUnless(shutil.which("go"), "go is not installed")
    def test_go(self):
        folder = Path(__file__).resolve().parent / "load"
        done = subprocess.run(["go", "test", "./..."], cwd=folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
