"""Files inside an archive inside an archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

import mlsd_kit.data as data
from mlsd_kit.data import archives
from mlsd_kit.data.errors import ArchiveError


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """outer.zip holds lib/inner.jar, which holds topics/data.txt."""
    inner = zipped(topics__data_dot_txt=b"content")
    file = tmp_path / "outer.zip"
    file.write_bytes(zipped(lib__inner_dot_jar=inner, lib__no_dot_jar=b"no archive"))
    return file


def test_a_member_of_an_inner_archive(outer, tmp_path):
    target = tmp_path / "target"
    archives.extract(outer, "outer.zip", "lib/inner.jar!/topics/data.txt", target)
    assert target.read_bytes() == b"content"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["outer.zip", "target"]


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("lib/other.jar!/topics/data.txt", r"outer\.zip holds no file lib/other\.jar"),
        ("lib/inner.jar!/other.txt", r"lib/inner\.jar holds no file other\.txt"),
        ("lib/no.jar!/data.txt", r"lib/no\.jar is damaged"),
        ("lib/inner.jar!/topics/data.txt!/deeper", r"topics/data\.txt is damaged"),
    ],
)
def test_what_is_missing_is_named(outer, tmp_path, member, words):
    with pytest.raises(ArchiveError, match=words):
        archives.extract(outer, "outer.zip", member, tmp_path / "target")
    assert [file.name for file in tmp_path.iterdir()] == ["outer.zip"]


def test_a_tar_archive_within_a_zip_file(tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as inner:
        info = tarfile.TarInfo("a/b.txt")
        info.size = 2
        inner.addfile(info, io.BytesIO(b"hi"))
    (tmp_path / "o.zip").write_bytes(zipped(x_dot_tar_dot_gz=packed.getvalue()))
    archives.extract(tmp_path / "o.zip", "o.zip", "x.tar.gz!/a/b.txt", tmp_path / "target")
    assert (tmp_path / "target").read_text() == "hi"


def test_a_link_inside_the_inner_archive_is_refused(tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as inner:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        inner.addfile(link)
    (tmp_path / "o.zip").write_bytes(zipped(x_dot_tar=packed.getvalue()))
    with pytest.raises(ArchiveError, match="holds no file link"):
        archives.extract(tmp_path / "o.zip", "o.zip", "x.tar!/link", tmp_path / "target")


def test_a_datasheet_may_name_one(toy):
    inner = zipped(data_dot_csv=toy.csv.encode())
    toy.repack({"toy/inner.jar": inner})
    toy.sheet(member="toy/inner.jar!/data.csv")
    assert len(data.load("toy")) == 2
    assert toy.left_behind() == ["data.csv"]


# Files that are no tables


def model(toy, **changes: str):
    sheet = toy.sheet(extra="table = false\n", **changes)
    text = sheet.read_text()
    sheet.write_text(text[: text.index("[schema]")])
    return sheet


def test_a_file_that_is_no_table_has_a_path_and_is_verified_by_its_hash(toy):
    model(toy)
    assert data.path("toy").read_text() == toy.csv
    data.verify("toy")
    data.path("toy").write_text("damaged")
    with pytest.raises(data.WrongHashError, match="not the recorded file"):
        data.verify("toy")


def test_a_file_that_is_no_table_cannot_be_loaded(toy):
    model(toy)
    with pytest.raises(data.SchemaError, match=r"toy is a file, not a table: call path\('toy'\)"):
        data.load("toy")


def test_a_file_that_is_no_table_has_no_schema(toy):
    toy.sheet(extra="table = false\n")
    with pytest.raises(data.DatasheetError, match="table = false allows no schema"):
        data.datasheet("toy")


# The real data


def test_the_web_queries_are_in_a_jar_in_a_wheel():
    table = data.load("web_queries")
    assert table["query"].nunique() == 42_169
    assert table["query"].value_counts().index[0] == "google"
    assert not (table["query"].str.strip() == "").any()
    data.verify("web_queries")


def test_the_model_and_its_tokenizer_are_files():
    for name in ("minilm_model", "minilm_tokenizer"):
        data.verify(name)
        assert not data.datasheet(name).table
