"""The database against a plain dictionary: the same after any sequence of changes, openings, backups and undoings."""

import copy
import shutil
import tempfile

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from motif.templates import GestureDatabase

names = st.sampled_from(["push", "lift", "wave"])


class GestureDatabaseIsADictionary(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.database = GestureDatabase(self.folder)
        self.model = {}  # name → identity, version, peaks by sample id
        self.versions = {}  # identity → version → peaks by sample id; undoing forgets none
        self.past = []  # what each undoing leads back to
        self.backups = []

    def changing(self):
        self.past.append(copy.deepcopy(self.model))

    def some(self, data, wanted=lambda entry: True):
        return data.draw(st.sampled_from(sorted(name for name, entry in self.model.items() if wanted(entry))))

    @rule(name=names, peaks=st.lists(st.integers(1, 50), min_size=1, max_size=4))
    def add(self, name, peaks):
        self.changing()
        ids = self.database.add_samples(name, [{"acc_peak": peak, "duration_s": 1.0} for peak in peaks])
        if name not in self.model:
            self.model[name] = {"identity": ids[0], "version": 0, "samples": {}}
            self.versions[ids[0]] = {}
        self.model[name]["samples"] |= dict(zip(ids, peaks, strict=True))

    @precondition(lambda self: any(entry["samples"] for entry in self.model.values()))
    @rule(data=st.data())
    def remove(self, data):
        name = self.some(data, lambda entry: entry["samples"])
        sample_id = data.draw(st.sampled_from(sorted(self.model[name]["samples"])))
        self.changing()
        assert self.database.remove_sample(name, sample_id)
        del self.model[name]["samples"][sample_id]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data):
        name = self.some(data)
        self.changing()
        assert self.database.delete_template(name)
        del self.model[name]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def rename(self, data):
        old = self.some(data)
        new = data.draw(st.sampled_from(sorted({"push", "lift", "wave", "bow"} - set(self.model))))
        self.changing()
        self.database.rename_template(old, new)
        self.model[new] = self.model.pop(old)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def train(self, data):
        name = self.some(data)
        entry = self.model[name]
        template = self.database.train_template(name)
        assert (template is not None) == (len(entry["samples"]) >= self.database.MIN_TRAINING_SAMPLES)
        if template is not None:
            self.changing()
            assert template.version == max(self.versions[entry["identity"]], default=0) + 1
            entry["version"] = template.version
            self.versions[entry["identity"]][template.version] = dict(entry["samples"])

    @precondition(lambda self: any(self.versions[entry["identity"]] for entry in self.model.values()))
    @rule(data=st.data())
    def roll_back(self, data):
        name = self.some(data, lambda entry: self.versions[entry["identity"]])
        entry = self.model[name]
        assert self.database.versions(name) == sorted(self.versions[entry["identity"]])
        version = data.draw(st.sampled_from(self.database.versions(name)))
        before, revision = copy.deepcopy(self.model), self.database.revision
        assert self.database.rollback(name, version).version == version
        entry |= {"version": version, "samples": dict(self.versions[entry["identity"]][version])}
        if self.database.revision > revision:
            self.past.append(before)

    @rule()
    def undo(self):
        assert (self.database.undo() is not None) == bool(self.past)
        if self.past:
            self.model = self.past.pop()

    @rule()
    def back_up(self):
        path = self.database.backup()
        self.backups.append((path, copy.deepcopy((self.model, self.versions, self.past))))

    @precondition(lambda self: any(path.exists() for path, _ in self.backups))
    @rule(data=st.data())
    def restore(self, data):
        path, state = data.draw(st.sampled_from([backup for backup in self.backups if backup[0].exists()]))
        self.database.restore(path)
        self.model, self.versions, self.past = copy.deepcopy(state)

    @rule()
    def open_again(self):
        self.database.close()
        self.database = GestureDatabase(self.folder)
        assert self.database.get_stats()["recovery"] is None

    @invariant()
    def they_agree(self):
        assert self.database.list_templates() == sorted(self.model)
        for name, entry in self.model.items():
            peaks = {each.sample_id: each.features.acc_peak for each in self.database.samples(name)}
            assert peaks == entry["samples"]
            assert self.database.get_template(name).version == entry["version"]
        stats = self.database.get_stats()
        assert stats["total_samples"] == sum(len(entry["samples"]) for entry in self.model.values())
        assert stats["state"] == "healthy"
        assert self.database.verify() == ()

    def teardown(self):
        self.database.close()
        shutil.rmtree(self.folder)


TestGestureDatabaseIsADictionary = GestureDatabaseIsADictionary.TestCase
TestGestureDatabaseIsADictionary.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
