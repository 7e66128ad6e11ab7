"""Links: a secret good for one device, that cannot be guessed, kept only as a digest."""

import pytest

from motif.errors import ConfigError
from motif.sources._pairing import Admission, Pairings


def test_secrets_are_new_each_time_long_and_kept_nowhere():
    pairings = Pairings()
    secrets = {pairings.issue()[0] for _ in range(100)}
    assert len(secrets) == 100
    assert min(map(len, secrets)) >= 32
    kept = repr([vars(pairings), list(pairings)])
    assert not any(secret in kept for secret in secrets)


@pytest.mark.parametrize("guess", ["", "x", "\udc80", "a" * 10_000])
def test_what_was_never_issued_is_unknown(guess):
    pairings = Pairings()
    secret, _ = pairings.issue()
    assert pairings.admit(guess, "phone", now_ns=0) is Admission.UNKNOWN
    assert pairings.admit(secret[:-1], "phone", now_ns=0) is Admission.UNKNOWN
    assert pairings.find(secret, now_ns=0)[0] is Admission.WELCOME


def test_the_first_devices_take_a_link_and_others_are_told():
    pairings = Pairings()
    secret, pairing = pairings.issue(n_devices=2, label="pair of hands")
    said = [pairings.admit(secret, device, now_ns=0).value for device in ("a", "b", "a", "c")]
    assert said == ["welcome", "welcome", "welcome", "taken"]
    assert pairing.devices == {"a", "b"}
    assert [p.label for p in pairings] == ["pair of hands"]


def test_an_unused_link_expires_and_a_revoked_one_stays_so():
    pairings = Pairings()
    secret, pairing = pairings.issue(expires_ns=10)
    assert pairings.admit(secret, "a", now_ns=11) is Admission.EXPIRED
    assert pairings.admit(secret, "a", now_ns=10) is Admission.WELCOME
    assert pairings.admit(secret, "a", now_ns=11) is Admission.WELCOME
    pairings.revoke(pairing.id)
    assert pairings.admit(secret, "a", now_ns=10) is Admission.REVOKED
    with pytest.raises(ConfigError, match="there is no link"):
        pairings.revoke("00000000")
