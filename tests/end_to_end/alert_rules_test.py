"""deploy/prometheus: every metric and label that an alert asks for is one that the server tells while a rollout is open."""
import re
import unittest

import yaml

from fixture import ROOT, WithServer, eventually
from rollout_evidence_test import CANARY, ERRORS, Traffic, begin, given_model, standing

RULES = ROOT / "deploy/prometheus/slipway-rollouts.rules.yml"
SELECTOR = re.compile(r"\b(slipway_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on) \(([^)]*)\)")
SAMPLE = re.compile(r"^(slipway_\w+)\{(.*)\} \S+$", re.M)
WORDS = re.compile(r"[a-z_]+")


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def told(page):
    """{family: {label: values}}"""
    families = {}
    for family, labels in SAMPLE.findall(page):
        for label, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels):
            families.setdefault(family, {}).setdefault(label, set()).add(value)
    return families


def faults(rule, families):
    """What the rule asks for and nobody tells."""
    found, labels = [], set()
    for family, matchers in SELECTOR.findall(rule["expr"]):
        if family not in families:
            found.append(f"{family} is not told")
            continue
        labels |= set(families[family])
        found += [f"{family} has no label {label}" for label, _, _ in MATCHER.findall(matchers) if label not in families[family]]
    asked = {word for group in GROUPING.findall(rule["expr"]) for word in WORDS.findall(group)}
    asked |= {word for text in rule["annotations"].values() for word in re.findall(r"\$labels\.(\w+)", text)}
    return found + [f"no label {label}" for label in sorted(asked - labels)]


class AlertRules(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = WithServer()
        test.server, test.api = cls.server, cls.server.api()
        given_model(test, "watched")
        number = begin(test.api, "watched", CANARY.replace("dwell: 0s", "dwell: 1h") + ERRORS)
        eventually(lambda: standing(test.api, number)["state"] == "observing", "its first step to be served")
        Traffic(cls.server).send("watched")
        eventually(lambda: "slipway_rollout_outcomes{" in cls.page(), "what is told of its outcomes")
        cls.families = told(cls.page())

    @classmethod
    def page(cls):
        return cls.server.api().get("/metrics").body.decode()

    def test_what_the_rules_ask_for_is_told(self):
        self.assertGreater(len(rules()), 3)
        for rule in rules():
            with self.subTest(rule["alert"]):
                self.assertEqual(faults(rule, self.families), [])

    def test_states_and_kinds_are_the_words_that_are_told(self):
        states = self.families["slipway_rollout_decisions_total"]["state"]
        for rule in rules():
            for _, matchers in SELECTOR.findall(rule["expr"]):
                for label, _, values in MATCHER.findall(matchers):
                    if label == "state":
                        self.assertLessEqual(set(values.split("|")), states)

    def test_a_rule_that_asks_for_something_else_is_found(self):
        rule = {"expr": 'slipway_rollout_state{status="x"} + on (colour) slipway_rollout_weights', "annotations": {}}
        self.assertEqual(faults(rule, self.families),
                         ["slipway_rollout_state has no label status", "slipway_rollout_weights is not told", "no label colour"])


if __name__ == "__main__":
    unittest.main()
