from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from statusbot.cluster import archives
from statusbot.cluster.archives import is_archive, members
from statusbot.errors import UsageError

Pack = Callable[[Path, Iterable[tuple[str, bytes]]], str]
WANTED = (".yaml", ".json")


def tarred(mode: str) -> Pack:
    def pack(path: Path, files: Iterable[tuple[str, bytes]]) -> str:
        with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
            for name, data in files:
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return str(path)

    return pack


def zipped(path: Path, files: Iterable[tuple[str, bytes]]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return str(path)


FORMATS: dict[str, Pack] = {
    "b.tar": tarred("w"),
    "b.tar.gz": tarred("w:gz"),
    "b.tgz": tarred("w:gz"),
    "b.zip": zipped,
}
TWO = [("b/deep/x.yaml", b"x: 1\n"), ("b/logs.txt", b"log" * 500), ("b/y.json", b"{}")]


@pytest.fixture(params=FORMATS)
def pack(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., str]:
    return lambda files: FORMATS[request.param](tmp_path / request.param, files)


def read(path: str) -> list[tuple[str, bytes]]:
    return list(members(path, WANTED))


def refusal(path: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.where == path
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "a.tar", "a.zip", "A.TAR.GZ"])
def test_the_name_says_that_it_is_one(name: str) -> None:
    assert is_archive(name)


@pytest.mark.parametrize("name", ["a.gz", "a.yaml", "tar", "a.zip.yaml", "-"])
def test_other_names_are_of_other_files(name: str) -> None:
    assert not is_archive(name)


def test_the_files_that_are_wanted_come_in_their_order(pack: Callable[..., str]) -> None:
    assert read(pack(TWO)) == [TWO[0], TWO[2]]


def test_a_file_may_be_empty(pack: Callable[..., str]) -> None:
    assert read(pack([("a.yaml", b"")])) == [("a.yaml", b"")]


def test_nothing_is_written(pack: Callable[..., str], tmp_path: Path) -> None:
    path = pack([("../up.yaml", b"a"), (f"{tmp_path}/abs.yaml", b"b")])
    assert [data for _, data in read(path)] == [b"a", b"b"]
    assert [str(file) for file in tmp_path.rglob("*")] == [path]


def test_a_tar_whose_name_says_gzip_is_read(tmp_path: Path) -> None:
    assert len(read(tarred("w")(tmp_path / "b.tar.gz", TWO))) == 2


def test_long_names_and_other_headers_of_a_tar_are_read(tmp_path: Path) -> None:
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("é/" * 100 + "x.yaml")
        archive.addfile(entry)
    assert [name for name, _ in read(str(path))] == [entry.name]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_links_devices_and_folders_of_a_tar_are_passed_over(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("link.yaml")
        entry.type, entry.linkname = kind, "/etc/passwd"
        archive.addfile(entry)
    assert read(str(path)) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_devices_and_folders_of_a_zip_are_passed_over(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("link.yaml")
        entry.external_attr = kind << 16
        archive.writestr(entry, "/etc/passwd")
    assert read(str(path)) == []


def test_a_sparse_file_is_passed_over(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("hole.yaml")
    entry.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % (1 << 30)  # its real size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "b.tar").write_bytes(bytes(header) + b"\0" * 1024)
    assert read(str(tmp_path / "b.tar")) == []


# -- broken ones


def test_one_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "cannot read this file: No such file" in refusal(str(tmp_path / "no.tgz"))


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"x" * 99, b"\x1f\x8bxx", b"x" * 999])
def test_what_is_none_is_told_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(data)
    assert refusal(str(path)).endswith(
        "b.tar.gz: cannot read this archive: is it all there, and without a password?"
    )


MANY = [(f"{name}.yaml", bytes(range(256)) * 9) for name in "abcd"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.4, 0.45, 0.55, 0.7, 0.85])
def test_half_an_archive_is_none(tmp_path: Path, name: str, share: float) -> None:
    path = Path(FORMATS[name](tmp_path / name, MANY))
    data = path.read_bytes()
    # A tar is filled up with empty blocks.
    size = data.rindex(bytes(range(256))) + 256 if name == "b.tar" else len(data)
    path.write_bytes(data[: int(size * share)])
    assert "cannot read this archive" in refusal(str(path))


def test_a_broken_header_in_the_middle_does_not_end_it_silently(tmp_path: Path) -> None:
    path = Path(tarred("w")(tmp_path / "b.tar", MANY))
    data = bytearray(path.read_bytes())
    data[data.index(b"c.yaml")] ^= 1
    path.write_bytes(data)
    assert "cannot read this archive" in refusal(str(path))


def test_a_checksum_that_is_wrong_is_told(tmp_path: Path) -> None:
    path = Path(tarred("w:gz")(tmp_path / "b.tgz", TWO))
    data = bytearray(path.read_bytes())
    data[-8] ^= 1
    path.write_bytes(data)
    assert "cannot read this archive" in refusal(str(path))


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_bit_by_bit_is_not_unpacked(tmp_path: Path, how: int) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("a.yaml", b"a")
    assert "cannot read this archive" in refusal(str(path))


def test_a_password_is_asked_about(tmp_path: Path) -> None:
    path = Path(zipped(tmp_path / "b.zip", [("a.yaml", b"a")]))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    assert "without a password?" in refusal(str(path))


# -- too large ones


def test_a_file_has_a_limit(pack: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILE", 1 << 20)
    assert len(read(pack([("a.yaml", bytes(1 << 20)), ("b.txt", bytes(2 << 20))]))) == 1
    told = refusal(pack([("a.yaml", bytes((1 << 20) + 1))]))
    assert "this archive holds a file of more than 1 MiB: unpack it" in told


def test_all_files_have_a_limit(pack: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ALL", 3 << 20)
    files = [(f"{name}.yaml", bytes(1 << 20)) for name in "abcd"]
    assert len(read(pack(files[:2]))) == 2
    told = refusal(pack(files))
    assert "holds more than 3 MiB" in told


def test_what_is_passed_over_counts_in_a_tar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ALL", 1 << 20)
    path = tarred("w:gz")(tmp_path / "b.tgz", [("log", bytes(2 << 20)), ("a.yaml", b"a")])
    assert "holds more than 1 MiB" in refusal(path)


def test_what_a_header_claims_counts_before_it_is_read(tmp_path: Path) -> None:
    header = tarfile.TarInfo("log")
    header.size = 1 << 40
    (tmp_path / "b.tar").write_bytes(header.tobuf())
    assert "holds more than 4096 MiB" in refusal(str(tmp_path / "b.tar"))


def test_what_stands_after_the_end_counts_in_a_tar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ALL", 2 << 20)
    path = Path(tarred("w:gz")(tmp_path / "b.tgz", TWO))
    path.write_bytes(path.read_bytes() + gzip.compress(bytes(3 << 20)))
    assert "holds more than 2 MiB" in refusal(str(path))


def test_their_number_has_a_limit(
    pack: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)
    assert len(read(pack(TWO))) == 2
    assert "holds more than 3 files" in refusal(pack([*TWO, ("z.txt", b"")]))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_has_a_limit(tmp_path: Path, kind: bytes) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 2 << 20
    path = tmp_path / "b.tgz"
    path.write_bytes(gzip.compress(header.tobuf() + bytes(2 << 20)))
    assert "holds a header of more than 1 MiB" in refusal(str(path))


def test_a_map_of_holes_has_a_limit(tmp_path: Path) -> None:
    keys = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x.yaml"}
    keys["GNU.sparse.realsize"] = "1"
    entry = tarfile.TarInfo("x.yaml")
    entry.pax_headers = keys
    entry.size = 8 << 20
    path = tmp_path / "b.tgz"
    holes = b"9999999999\n" + b"0\n" * (4 << 20)
    path.write_bytes(gzip.compress(entry.tobuf(tarfile.PAX_FORMAT) + holes, 1))
    assert "holds a header of more than 1 MiB" in refusal(str(path))


def test_headers_for_all_files_have_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_GLOBALS", 2)

    def archive(count: int) -> str:
        keys = {f"key{index}": "x" for index in range(count)}
        with tarfile.open(tmp_path / "b.tar", "w", pax_headers=keys) as made:
            made.addfile(tarfile.TarInfo("a.yaml"))
        return str(tmp_path / "b.tar")

    assert len(read(archive(2))) == 1
    assert "holds more than 2 global headers" in refusal(archive(3))


def test_headers_of_headers_end(tmp_path: Path) -> None:
    # tarfile recurses over them.
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 0
    path = tmp_path / "b.tgz"
    path.write_bytes(gzip.compress(header.tobuf() * 1500))
    assert "cannot read this archive" in refusal(str(path))
