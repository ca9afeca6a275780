#!/usr/bin/env python3
"""Random search over an engine's settings, as an agent of the arena.

    python3 random-search.py FOLDER

FOLDER holds space.json (seed, placeholder, space: tunables, slotTokens) and template.sh, a start_server.sh with
the placeholder where settings go. Each trial writes start_server.sh and calls ./evaluate quick; the
best that passes is left. trials.jsonl remembers them, so that a second start goes on with it.
"""

import json
import math
import os
import random
import subprocess
import sys

MOST_TRIALS = 200


def draw(tunable, rng):
    kind = tunable["type"]
    if kind == "choice":
        return rng.choice(tunable["choices"])
    if kind == "switch":
        return rng.choice([True, False])
    low, high = tunable["range"]["low"], tunable["range"]["high"]
    if tunable["range"]["scale"] == "log2":
        value = 2 ** rng.uniform(math.log2(low), math.log2(high))
    else:
        value = rng.uniform(low, high)
    return max(low, min(high, round(value))) if kind == "integer" else value


def arguments(setting, slot_tokens):
    parts = []
    if "--parallel" in setting:
        # Slots share the context: each gets all that a request may need.
        parts += ["--ctx-size", str(setting["--parallel"] * slot_tokens)]
    for flag, value in sorted(setting.items()):
        if value is True:
            parts.append(flag)
        elif value is not False:
            parts += [flag, str(value)]
    return " ".join(parts)


def write_launcher(template, plan, setting):
    text = template.replace(plan["placeholder"], arguments(setting, plan["slotTokens"]))
    with open("start_server.sh.new", "w") as file:
        file.write(text)
    os.chmod("start_server.sh.new", 0o755)
    os.replace("start_server.sh.new", "start_server.sh")


def evaluate():
    """The evaluator's answer; ended: there is no time for another one."""
    run = subprocess.run(["./evaluate", "quick", "--json"], stdout=subprocess.PIPE, text=True)
    try:
        return json.loads(run.stdout)
    except ValueError:
        return {"ok": False, "refused": "the evaluator gave no answer"}


def earlier_trials():
    try:
        with open("trials.jsonl") as file:
            return [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError:
        return []


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "space.json")) as file:
        plan = json.load(file)
    with open(os.path.join(folder, "template.sh")) as file:
        template = file.read()
    rng = random.Random(plan["seed"])
    trials = earlier_trials()
    tried = []
    # The engine's defaults first: the best is never worse than these.
    for number in range(MOST_TRIALS):
        setting = {} if number == 0 else {t["flag"]: draw(t, rng) for t in plan["space"]}
        if setting in tried:
            continue
        tried.append(setting)
        if any(trial["setting"] == setting for trial in trials):
            continue
        write_launcher(template, plan, setting)
        answer = evaluate()
        if answer.get("refused"):
            print("stop:", answer["refused"], flush=True)
            break
        score = answer.get("score") if answer.get("ok") else None
        trial = {"setting": setting, "score": score, "outcome": answer.get("outcome")}
        trials.append(trial)
        with open("trials.jsonl", "a") as file:
            file.write(json.dumps(trial) + "\n")
        print(json.dumps(trial), flush=True)
    scored = [trial for trial in trials if trial["score"] is not None]
    best = max(scored, key=lambda trial: trial["score"], default={"setting": {}, "score": None})
    write_launcher(template, plan, best["setting"])
    print("best:", json.dumps(best), flush=True)


main()
