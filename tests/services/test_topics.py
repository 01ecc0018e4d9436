"""A broker that lost its log is noticed; one that is only away is not taken for it."""

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from mlsd_kit.services import ServiceError, broker, free_port
from mlsd_kit.services.topics import LogLostError, Watch


@pytest.fixture(scope="module")
def servers():
    with broker() as servers:
        yield servers


def create(servers, *topics):
    admin = AdminClient({"bootstrap.servers": servers})  # its answers come while it is there
    for one in admin.create_topics([NewTopic(topic, 1) for topic in topics]).values():
        one.result(20)


def lost(watch):
    try:
        watch.check()
    except LogLostError:
        return True
    return False


@pytest.mark.parametrize("made_anew", [False, True], ids=["topics gone", "topics made anew"])
def test_a_broker_restarted_empty_is_told_from_one_that_is_away(servers, wait_for, made_anew):
    create(servers, "one", "two")
    watch = Watch(servers, "one", "two", every=0.05)
    servers.process.kill()
    assert not wait_for(lambda: lost(watch), 0.5)
    servers.process.restart()
    if made_anew:
        create(servers, "one", "two")
    assert wait_for(lambda: lost(watch), 90)
    with pytest.raises(LogLostError, match=r"lost its topic '(one|two)': .* send it again"):
        watch.check()


def test_a_topic_that_does_not_exist_is_named(servers):
    with pytest.raises(LogLostError, match="'nowhere'"):
        Watch(servers, "nowhere")


def test_topics_have_identities_of_their_own(servers):
    create(servers, "three", "four")
    watch = Watch(servers, "three", "four")
    again = Watch(servers, "three", "four")
    watch.close(), again.close()
    assert watch.identities == again.identities
    assert len(set(watch.identities.values())) == 2


def test_no_broker_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr("mlsd_kit.services.topics.PATIENCE", 0.5)
    with pytest.raises(ServiceError, match=r"no broker answers at 127.0.0.1:\d+: start it"):
        Watch(f"127.0.0.1:{free_port()}", "t")
