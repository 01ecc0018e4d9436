"""From text to index terms: words in lower case without accents, plurals folded."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+(?:\+\+|#)?")  # C++ and C# are words too


def words(text: str) -> list[str]:
    """The words of a text, in order: lower case, accents taken off, punctuation dropped.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Examples
    --------
    >>> words("Le résumé: C++ vs. W3C's RDF/XML")
    ['le', 'resume', 'c++', 'vs', 'w3c', 's', 'rdf', 'xml']
    """
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return _WORD.findall(text.lower())


def stem(word: str) -> str:
    """Fold an English (or French) plural into its singular: the S-stemmer (Harman, 1991).

    Three rules, the first whose ending fits decides; short words are left alone. A stronger
    stemmer finds more and confuses more ("universe", "university").

    Examples
    --------
    >>> [stem(word) for word in ("queries", "graphs", "class", "corpus", "trees", "js")]
    ['query', 'graph', 'class', 'corpus', 'tree', 'js']
    """
    if len(word) <= 3:
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word


def terms(text: str) -> list[str]:
    """The stems of a text's words, in order: what is indexed and what is looked up.

    Both sides must use the same function, or nothing is found.

    Examples
    --------
    >>> terms("Knowledge graphs, Graph databases")
    ['knowledge', 'graph', 'graph', 'database']
    """
    return [stem(word) for word in words(text)]
