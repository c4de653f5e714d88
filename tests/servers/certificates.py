"""Certificates for the TLS of test servers, made with openssl."""

KEY = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]


def authority(server, name):
    """Makes <folder>/<name>.crt and .key of an authority of its own; returns the certificate."""
    certificate = server.folder / f"{name}.crt"
    server.run(["openssl", "req", "-x509", *KEY, "-subj", f"/CN={name}", "-days", "2",
                "-keyout", str(server.folder / f"{name}.key"), "-out", str(certificate)])
    return certificate


def certify(server, ca, key, certificate):
    """A key and a certificate for this machine's loopback, signed by an authority."""
    request, names = server.folder / "request.csr", server.folder / "names.txt"
    names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    server.own(names)
    server.run(["openssl", "req", "-new", *KEY, "-subj", "/CN=localhost", "-keyout", str(key),
                "-out", str(request)])
    server.run(["openssl", "x509", "-req", "-in", str(request), "-CA", str(ca), "-CAkey",
                str(ca.with_suffix(".key")), "-set_serial", "7", "-days", "2",
                "-extfile", str(names), "-out", str(certificate)])
    server.run(["chmod", "600", str(key)])
