"""The real collection and its thesaurus."""

from __future__ import annotations

from mlsd_kit.systems.web_search.collection import load_collection, load_tags


def test_texts_tags_and_who_carries_them():
    collection = load_collection()
    assert len(collection.texts) == len(collection.titles) == len(collection.ages) == 7300
    assert collection.ages.min() == 0
    assert not any("\n" in text or "  " in text for text in collection.texts)
    tags = load_tags(collection.documents)
    assert sum(len(tag.documents) for tag in tags.values()) == 16_769
    ner = tags["http://www.semanlink.net/tag/named_entity_recognition"]
    assert ner.label == "Named Entity Recognition"
    assert "NER" in ner.others
    assert all(ner.label != other for other in ner.others)
    assert "Entity" in " ".join(collection.titles[number] for number in ner.documents)
    assert collection.word_counts()["sparql"] > 100
