"""Rollouts in the real server: by hand, under load, in a queue, refused, and killed in every state that lasts."""
import collections
import json
import threading
import unittest

import packages
from api import outputs_of
from fixture import Server, WithServer, eventually

# Without evidence a canary waits in every step for somebody's word.
CANARY = "stages: [{canary: {weights: [10%, 50%, 100%], dwell: 0s, holdback: 0%}}]"
GATED = CANARY + "\napproval_to_complete: true"
SWITCH = "stages: [{blue_green: {warm: 0s, keep: 1h}}]"


class Rolling:
    """The words of these tests, over an Api."""

    def __init__(self, api):
        self.api = api

    def start(self, model, plan=CANARY, candidates=("2",), **more):
        body = {"model": model, "candidates": list(candidates), "plan": plan, "reason": "new features", **more}
        return self.api.post("/api/v1/rollouts", body)

    def started(self, model, plan=CANARY, **more):
        answer = self.start(model, plan, **more)
        assert answer.status == 201, str(answer)
        return answer.json["rollout"]

    def say(self, rollout, command, **more):
        return self.api.post(f"/api/v1/rollouts/{rollout}/{command}", {"reason": "as agreed", **more})

    def said(self, rollout, command, **more):
        answer = self.say(rollout, command, **more)
        assert answer.status == 200, str(answer)
        return answer.json

    def standing(self, rollout):
        return self.api.get(f"/api/v1/rollouts/{rollout}").json

    def wait(self, rollout, state, candidate=None):
        """Until it is in this state with this share of the candidate."""
        def is_there():
            found = self.standing(rollout)
            there = found["state"] == state and candidate in (None, found["wants"][-1]["share"])
            return found if there else None
        return eventually(is_there, lambda: f"{state} with {candidate}, found {self.standing(rollout)}")

    def split(self, model):
        return {s["version"]: s["share"] for s in self.api.serving(model).json["split"]}

    def decisions(self, rollout):
        """Oldest first."""
        return self.api.get(f"/api/v1/rollouts/{rollout}/decisions?limit=500").json["decisions"][::-1]


class WithModels(WithServer):
    def setUp(self):
        super().setUp()
        self.rolling = Rolling(self.api)

    def given_model(self, name, versions=2):
        for constant in range(1, versions + 1):
            self.given_version(packages.tar_gz(packages.echo(constant, name)), name)
        self.given_live(name, 1)
        return name


class ByHand(WithModels):
    def test_a_canary_goes_through_its_steps_by_promote_and_set_weight(self):
        name, rolling = self.given_model("canary"), self.rolling
        number = rolling.started(name)
        self.assertEqual(rolling.wait(number, "observing", 1000)["step"], 1)
        self.assertEqual(rolling.split(name), {1: 9000, 2: 1000})
        eventually(lambda: "expected at least 10 units of each arm, found 0" in rolling.standing(number)["holding"],
                   lambda: f"units to be missing, found {rolling.standing(number)['holding']}")
        rolling.said(number, "promote")
        rolling.wait(number, "observing", 5000)
        self.assertEqual(rolling.said(number, "weight", weight=2500)["paused"]["reason"], "as agreed")
        rolling.wait(number, "observing", 2500)
        self.assertEqual(rolling.split(name), {1: 7500, 2: 2500})
        rolling.said(number, "resume")
        rolling.said(number, "promote")
        done = rolling.wait(number, "completed")
        self.assertEqual((done["winner"], rolling.split(name)), (2, {2: 10000}))
        aliases = {a["alias"]: a["version"] for a in self.api.get(f"/api/v1/models/{name}").json["aliases"]}
        self.assertEqual(aliases["production"], 2)
        self.assertEqual(self.api.infer(name, packages.nonce(7)).json["model_version"], "2")

    def test_every_decision_is_kept_and_is_an_event_of_the_history(self):
        name, rolling = self.given_model("told"), self.rolling
        number = rolling.started(name)
        rolling.wait(number, "observing")
        rolling.said(number, "pause")
        rolling.said(number, "abort")
        rolling.wait(number, "aborted")
        made = rolling.decisions(number)
        self.assertEqual([d["number"] for d in made], list(range(1, len(made) + 1)))
        self.assertEqual([d["action"] for d in made], ["start", "look", "look", "pause", "abort", "look"])
        self.assertEqual([d["state"] for d in made], ["queued", "applying", "observing", "observing", "restoring", "aborted"])
        self.assertEqual({d["actor"] for d in made if d["action"] == "look"}, {""})
        told = [e for e in self.api.events(name) if e["subject"].startswith(f"rollout {number} ")]
        self.assertEqual([e["to"] for e in told if e["to"] in ("start", "pause", "abort")], ["abort", "pause", "start"])
        self.assertTrue(all(e["actor"] == "admin" for e in told if e["to"] == "pause"), told)

    def test_abort_gives_the_old_split_back_from_every_step(self):
        for promotions, weights in enumerate(((1000,), (1000, 5000))):
            name, rolling = self.given_model(f"abort-{promotions}"), self.rolling
            number = rolling.started(name)
            for weight in weights:
                rolling.wait(number, "observing", weight)
                if weight != weights[-1]:
                    rolling.said(number, "promote")
            rolling.said(number, "abort")
            rolling.wait(number, "aborted")
            self.assertEqual(rolling.split(name), {1: 10000})
            self.assert_refused(rolling.say(number, "abort"), 409, "cannot abort a rollout that is aborted")

    def test_a_paused_rollout_stays_where_it_is_until_it_is_resumed(self):
        name, rolling = self.given_model("paused"), self.rolling
        number = rolling.started(name, SWITCH.replace("warm: 0s", "warm: 1h"))
        rolling.wait(number, "observing", 0)
        rolling.said(number, "pause")
        eventually(lambda: rolling.standing(number)["holding"] == "paused: as agreed", "its reason")
        self.assert_refused(rolling.say(number, "pause"), 409, "cannot pause .* paused")
        self.assertIsNone(rolling.said(number, "resume")["paused"])
        self.assert_refused(rolling.say(number, "resume"), 409, "not paused")
        rolling.said(number, "promote")
        rolling.wait(number, "observing", 10000)
        self.assertEqual(rolling.split(name), {1: 0, 2: 10000})

    def test_a_blue_green_switch_and_its_way_back_under_load_fail_no_request(self):
        name, rolling = self.given_model("switch"), self.rolling
        answers, stop = collections.Counter(), threading.Event()

        def ask():
            api, mine = self.server.api(), collections.Counter()
            while not stop.is_set():
                answer = api.infer(name, packages.nonce(7))
                mine[outputs_of(answer)["constant"][0] if answer.status == 200 else f"failed: {answer}"] += 1
            answers.update(mine)

        crowd = [threading.Thread(target=ask) for _ in range(4)]
        for each in crowd:
            each.start()
        try:
            for _ in range(5):
                number = rolling.started(name, SWITCH)
                rolling.wait(number, "observing", 10000)
                eventually(lambda: self.api.infer(name, packages.nonce(7)).json["model_version"] == "2", "version 2 to answer")
                rolling.said(number, "abort")
                rolling.wait(number, "aborted")
                eventually(lambda: self.api.infer(name, packages.nonce(7)).json["model_version"] == "1", "version 1 to answer")
        finally:
            stop.set()
            for each in crowd:
                each.join()
        self.assertEqual(set(answers), {1, 2}, answers)

    def test_a_split_of_a_rollout_is_drawn_anew_and_the_models_rule_stays(self):
        name, rolling = self.given_model("rule"), self.rolling
        rule = {"unit": "header:x-customer"}
        answer = self.api.put(f"/api/v1/serving/{name}", {"version": 1, "assignment": rule})
        self.assertEqual(answer.status, 200, str(answer))
        number = rolling.started(name)
        rolling.wait(number, "observing", 1000)
        during = self.api.serving(name).json["assignment"]
        self.assertEqual((during["experiment"], during["control"]), (f"rollout-{number}", 1))
        self.assertEqual(during["unit"], "header:x-customer")
        rolling.said(number, "abort")
        rolling.wait(number, "aborted")
        after = self.api.serving(name).json["assignment"]
        self.assertEqual((after["experiment"], after["unit"]), ("", "header:x-customer"))


class Refused(WithModels):
    def test_a_second_rollout_of_a_model_is_a_conflict_or_waits_for_the_first(self):
        name, rolling = self.given_model("queue", versions=3), self.rolling
        first = rolling.started(name)
        rolling.wait(first, "observing")
        self.assert_refused(rolling.start(name, candidates=["3"]), 409, f"rollout {first} .* is open")
        second = rolling.started(name, candidates=["3"], queue="yes")
        eventually(lambda: rolling.standing(second)["holding"] == "waits for the rollout before it", "its turn")
        rolling.said(first, "promote", to="end")
        rolling.wait(first, "completed")
        self.assertEqual(rolling.wait(second, "observing", 1000)["control"], 2)
        rolling.said(second, "abort")
        rolling.wait(second, "aborted")
        self.assertEqual(rolling.split(name), {2: 10000})

    def test_what_cannot_be_rolled_out_is_refused_with_the_reason(self):
        name, rolling = self.given_model("wrong"), self.rolling
        self.given_version(packages.tar_gz(packages.echo(3, name, model="at_load fail\n")), name, stage="rejected")
        self.assert_refused(rolling.start("nothing"), 404)
        self.assert_refused(rolling.start(name, candidates=["9"]), 404, "version 9")
        self.assert_refused(rolling.start(name, candidates=["3"]), 409, "version 3 .* rejected, expected validated")
        self.assert_refused(rolling.start(name, candidates=["1"]), 400, "version 1 has the traffic already")
        self.assert_refused(rolling.start(name, candidates=["two"]), 400, "numbers of versions")
        self.assert_refused(rolling.start(name, candidates=["2", "2"]), 400)
        self.assert_refused(rolling.start(name, environment="staging"), 400, "rollouts in production, found staging")
        self.assert_refused(rolling.start(name, reason=""), 400, "reason")
        self.assert_refused(rolling.start(name, queue="perhaps"), 400, "yes or no")

    def test_wrong_plans_name_the_line_the_column_and_what_was_expected(self):
        name, rolling = self.given_model("plans"), self.rolling
        for plan, *words in (("preset: cannary", "plan:1:9", "canary"),
                             ("stages:\n- canary: {weights: [50%, 10%]}", "expected more than the 50 %"),
                             ("stages:\n- canary: {weight: [50%]}", r"plan:2:\d+", "weights"),
                             ("stages: []", "stage"),
                             ("stages: [{canary: {weights: [101%]}}]", "100"),
                             ("", "plan"),
                             (":\n- {", "plan"),
                             ("#" * 70_000, "the body")):
            with self.subTest(plan=plan[:60]):
                self.assert_refused(rolling.start(name, plan), (400, 413), *words)
        self.assert_refused(rolling.start(name, "preset: bandit", candidates=[]), 400)
        self.assert_refused(rolling.start(name, "preset: canary", candidates=["2", "3"]), (400, 404))

    def test_while_it_is_open_nobody_else_changes_the_traffic_or_takes_its_versions(self):
        name, rolling = self.given_model("held", versions=3), self.rolling
        number = rolling.started(name)
        rolling.wait(number, "observing")
        for answer in (self.api.deploy(name, 2), self.api.rollback(name), self.api.delete(f"/api/v1/serving/{name}"),
                       self.api.delete(f"/api/v1/models/{name}"), self.api.delete(f"/api/v1/models/{name}/versions/1"),
                       self.api.delete(f"/api/v1/models/{name}/versions/2"), self.api.post(f"/api/v1/models/{name}/versions/2/retire", {}),
                       self.api.post(f"/api/v1/models/{name}/rename", {"name": "held-too"})):
            self.assert_refused(answer, 409, f"rollout {number} .* is open")
        self.assertEqual(self.api.delete(f"/api/v1/models/{name}/versions/3").status, 204)
        rolling.said(number, "abort")
        rolling.wait(number, "aborted")
        self.assertEqual(self.api.deploy(name, 2).status, 200)

    def test_an_approval_is_not_by_who_started_it(self):
        name, rolling = self.given_model("approved"), self.rolling
        eva = self.api.post("/api/v1/tokens", {"name": "eva", "role": "approver"}).json["secret"]
        number = rolling.started(name, GATED)
        rolling.wait(number, "observing")
        self.assert_refused(rolling.say(number, "promote", to="end"), 409, "approval that nobody gave")
        self.assert_refused(rolling.say(number, "approve"), 403, "cannot approve")
        approver = Rolling(self.server.api(eva))
        self.assert_refused(approver.say(number, "promote", to="end"), 403)
        approver.said(number, "approve")
        rolling.said(number, "promote", to="end")
        rolling.wait(number, "completed")

    def test_a_token_for_other_models_sees_and_moves_nothing(self):
        name, rolling = self.given_model("scoped"), self.rolling
        made = self.api.post("/api/v1/tokens", {"name": "others", "role": "operator", "models": ["other-*"]})
        self.assertEqual(made.status, 201, str(made))
        other = Rolling(self.server.api(made.json["secret"]))
        self.assert_refused(other.start(name), 403)
        number = rolling.started(name)
        rolling.wait(number, "observing")
        self.assertEqual(other.api.get("/api/v1/rollouts").json["rollouts"], [])
        for answer in (other.api.get(f"/api/v1/rollouts/{number}"), other.api.get(f"/api/v1/rollouts/{number}/decisions"),
                       other.say(number, "abort")):
            self.assertIn(answer.status, (403, 404), str(answer))
        self.assertEqual(rolling.standing(number)["state"], "observing")

    def test_a_request_that_is_sent_again_is_applied_once(self):
        name, rolling = self.given_model("once"), self.rolling
        number = rolling.started(name)
        rolling.wait(number, "observing", 1000)
        key = {"Idempotency-Key": "promote-once"}
        for replayed in (None, "true"):
            answer = self.api.post(f"/api/v1/rollouts/{number}/promote", {"reason": "go"}, headers=key)
            self.assertEqual((answer.status, answer.headers.get("idempotent-replayed")), (200, replayed), str(answer))
            rolling.wait(number, "observing", 5000)


class CommandLine(WithModels):
    def slipway(self, *arguments):
        done = self.server.cli("rollout", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_rollout_from_start_to_end(self):
        name = self.given_model("typed")
        (self.server.folder / "plan.yaml").write_text(CANARY)
        steps = self.slipway("plan", "--plan", self.server.folder / "plan.yaml", "--dry-run")
        self.assertRegex(steps, r"2 +1 +50 % +0 % +0 s +pass")
        begun = json.loads(self.slipway("start", f"{name}:2", "--plan", self.server.folder / "plan.yaml", "--reason", "new", "--json"))
        number = str(begun["rollout"])
        self.rolling.wait(number, "observing", 1000)
        self.assertIn("1 at 90 %, 2 at 10 %", self.slipway("status", number))
        self.slipway("pause", number, "--reason", "lunch")
        self.assertIn("paused", self.slipway("status", number))
        self.slipway("resume", number, "--reason", "back")
        self.slipway("set-weight", number, "12.5%", "--reason", "bolder")
        self.rolling.wait(number, "observing", 1250)
        self.slipway("promote", number, "--to-the-end", "--reason", "seen enough")
        self.rolling.wait(number, "completed")
        self.assertRegex(self.slipway("list", "--model", name), rf"{number} +{name} +production +completed")
        history = self.slipway("history", number)
        for word in ("the controller", "set_weight", "seen enough", "12.50 %"):
            self.assertIn(word, history)

    def test_wrong_words_are_refused(self):
        self.given_model("mistyped")
        for arguments, exit_code, words in ((["start", "mistyped:2", "--reason", "r"], 2, "either --plan FILE or --preset NAME"),
                                            (["start", "mistyped", "--preset", "canary", "--reason", "r"], 2, "NAME:VERSION"),
                                            (["start", "mistyped:2", "--plan", "absent.yaml", "--reason", "r"], 2, "absent.yaml"),
                                            (["start", "mistyped:2", "--preset", "cannary", "--reason", "r"], 1, "expected one of"),
                                            (["set-weight", "1", "101%", "--reason", "r"], 2, "0% to 100%"),
                                            (["set-weight", "1", "1.234%", "--reason", "r"], 2, "two decimals"),
                                            (["status", "999"], 1, "no rollout 999")):
            with self.subTest(arguments=arguments):
                done = self.server.cli("rollout", *arguments)
                self.assertEqual(done.returncode, exit_code, done.stderr)
                self.assertIn(words, done.stderr)


class Killed(unittest.TestCase):
    """What a kill meets in a state that passes at once is the rig's: tests/rigs/rollout_kill.py."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.rolling = Rolling(self.server.api())
        for model in ("fraud", "wine"):
            for constant in (1, 2, 3):
                self.assertEqual(self.rolling.api.push(packages.tar_gz(packages.echo(constant, model)), model).status, 201)
            self.assertEqual(self.rolling.api.deploy(model, 1).status, 200)
        self.eva = self.rolling.api.post("/api/v1/tokens", {"name": "eva", "role": "approver"}).json["secret"]

    def kill(self, *rollouts):
        """And start again: each of them stands as it stood, and what is served is the same."""
        seen = ("state", "step", "wants", "paused", "decisions", "winner")
        before = {n: {key: self.rolling.standing(n)[key] for key in seen} for n in rollouts}
        splits = {model: self.rolling.split(model) for model in ("fraud", "wine")}
        self.server.kill9()
        self.server.start()
        self.rolling.api = self.server.api()
        for number, was in before.items():
            self.assertEqual({key: self.rolling.standing(number)[key] for key in seen}, was)
        self.assertEqual({model: self.rolling.split(model) for model in splits}, splits)
        for model in splits:
            answer = self.rolling.api.infer(model, packages.nonce(7))
            self.assertEqual(answer.status, 200, str(answer))

    def test_in_each_state_that_lasts_it_goes_on_where_it_was(self):
        twice = "{blue_green: {warm: 0s, keep: 0s}"
        gated = f"stages: [{twice}}}, {twice}, approval: true}}]\napproval_to_complete: true"
        rolling = self.rolling
        observed, awaited = rolling.started("wine"), rolling.started("fraud", gated)
        rolling.wait(observed, "observing", 1000)
        self.assertEqual(rolling.wait(awaited, "awaiting_approval", 10000)["step"], 2)
        queued = rolling.started("fraud", candidates=["3"], queue="yes")
        self.kill(observed, awaited, queued)
        rolling.said(observed, "pause")
        rolling.said(awaited, "pause")
        self.kill(observed, awaited, queued)
        rolling.said(observed, "resume")
        rolling.said(observed, "promote")
        rolling.wait(observed, "observing", 5000)
        rolling.said(awaited, "resume")
        Rolling(self.server.api(self.eva)).said(awaited, "approve")
        eventually(lambda: rolling.standing(awaited)["step"] == 4 and rolling.standing(awaited)["state"] == "awaiting_approval", "the end")
        self.kill(observed, awaited, queued)
        rolling.said(awaited, "abort")
        rolling.wait(awaited, "aborted")
        self.assertEqual(rolling.wait(queued, "aborted")["reason"], "version 2 no longer has all traffic")
        rolling.said(observed, "promote", to="end")
        rolling.wait(observed, "completed")
        self.kill(observed, awaited, queued)

    def test_a_server_that_hands_over_leaves_its_rollouts_to_the_next(self):
        number = self.rolling.started("wine")
        self.rolling.wait(number, "observing", 1000)
        self.assertEqual(self.server.hand_over(), 0)
        self.rolling.api = self.server.api()
        self.rolling.said(number, "promote")
        self.rolling.wait(number, "observing", 5000)
        self.assertEqual(self.rolling.split("wine"), {1: 5000, 2: 5000})


if __name__ == "__main__":
    unittest.main()
