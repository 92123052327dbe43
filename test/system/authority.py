"""A certificate authority of openssl's, for tests."""

import subprocess


def openssl(*words, **options):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=30, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Authority:
    """Makes certificates in one directory; `file` is what whoever trusts it is given."""

    def __init__(self, directory, name="Test Authority"):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.file, self.key = directory / "ca.crt", directory / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key, "-out", self.file, "-subj", f"/CN={name}", "-days", 30,
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, days=30, alternative="DNS:localhost,IP:127.0.0.1", subject=None):
        """Answers the files of a certificate and its key."""
        stem = self.directory / name.replace("/", "_")
        certificate, key = stem.with_suffix(".crt"), stem.with_suffix(".key")
        request, extensions = stem.with_suffix(".csr"), stem.with_suffix(".ext")
        extensions.write_text(f"basicConstraints=CA:FALSE\nsubjectAltName={alternative}\n")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", request, "-subj", subject or f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key,
                "-CAcreateserial", "-out", certificate, "-days", days, "-extfile", extensions)
        return certificate, key
