"""`mlsd new`: the template under another name, never over a notebook that is there."""

import pytest

from mlsd_kit.curriculum.run.catalogue import read_entry
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.new import new


@pytest.fixture
def template(home):
    return home.write("template", "# %% [markdown]\n# # Who?\n#\n# # Not this\n", theme="template")


def test_a_new_notebook_is_the_template_with_a_title_of_its_own(home, template):
    source = new("ranking/book_search2")
    assert source == home.folder / "notebooks" / "ranking" / "book_search2.py"
    entry = read_entry(source)
    assert (entry.id, entry.title) == ("ranking/book_search2", "Book search2")
    text = source.read_text()
    assert "\n# # Book search2\n#\n# # Not this\n" in text and "# # Who?" not in text
    assert "# # Who?" in template.read_text()


def test_the_command_says_what_it_wrote_and_what_comes_next(home, template):
    code, out, _ = home.mlsd("new", "ranking/books")
    assert code == 0 and "ranking/books.py" in out and "mlsd build books" in out
    code, _, err = home.mlsd("new", "ranking/books")
    assert code == 2 and "There is a notebook ranking/books already" in err


@pytest.mark.parametrize(
    "name", ["books", "ranking/", "/books", "a/b/c", "Ranking/books", "ranking/my books", "../x/y"]
)
def test_a_name_that_is_none_is_told_and_nothing_is_written(home, template, name):
    with pytest.raises(UsageError, match="is no name of a case study"):
        new(name)
    assert sorted(home.folder.rglob("*.py")) == [template]


@pytest.mark.parametrize("name", ["template/template", "other/template"])
def test_a_notebook_that_is_there_is_not_overwritten(home, template, name):
    before = template.read_text()
    with pytest.raises(UsageError, match="There is a notebook template/template already"):
        new(name)
    assert template.read_text() == before


def test_a_lone_ipynb_is_not_overwritten_either(home, template):
    lone = home.folder / "notebooks" / "ranking" / "books.ipynb"
    lone.parent.mkdir()
    lone.write_text("{}")
    with pytest.raises(UsageError, match="is there already"):
        new("ranking/books")
    assert lone.read_text() == "{}"
