"""Asks a server what the original notebook asks its Splunk, by the official SDK, and prints what comes as JSON.

    python sdk.py PORT CAFILE USER PASSWORD TOKEN SEARCH
"""

import json
import ssl
import sys
import warnings

warnings.simplefilter("ignore")  # ResultsReader is deprecated, and what the original uses

import splunklib.client as client
import splunklib.results as results

port, ca, user, password, token, search = sys.argv[1:]
told = {}
times = {"earliest_time": "2017-07-07T16:11:00.000", "latest_time": "2017-07-07T16:11:05.000", "count": 0}
context = ssl.create_default_context(cafile=ca)
service = client.connect(host="localhost", port=int(port), username=user, password=password, context=context)
told["version"] = list(service.splunk_version)


def read(reader):
    return [list(r.items()) for r in reader if isinstance(r, dict)]


told["oneshot xml"] = read(results.ResultsReader(service.jobs.oneshot(search, **times)))
told["oneshot json"] = read(results.JSONResultsReader(service.jobs.oneshot(search, output_mode="json", **times)))
told["export xml"] = read(results.ResultsReader(service.jobs.export(search, preview=False, **times)))
exported = []
reader = results.JSONResultsReader(service.jobs.export(search, output_mode="json", **times))
for r in reader:
    if isinstance(r, dict) and not reader.is_preview:
        exported.append(list(r.items()))
told["export json"] = exported
job = service.jobs.create(search, exec_mode="blocking", **times)
told["done"] = job.is_done()
told["count"] = job["resultCount"]
told["job json"] = read(results.JSONResultsReader(job.results(output_mode="json", count=0)))
job.cancel()
told["cancelled"] = job.sid
for what, call in {
    "unknown command": lambda: service.jobs.oneshot(search + " | frobnicate"),
    "quotes": lambda: service.jobs.oneshot('search a="b'),
    "password": lambda: client.connect(host="localhost", port=int(port), username=user, password="wrong", context=context),
}.items():
    try:
        call()
        told[what] = "nothing happened"
    except Exception as e:
        told[what] = f"{type(e).__name__}: {e}"
bearer = client.connect(host="localhost", port=int(port), splunkToken=token, context=context)
told["token"] = len(read(results.JSONResultsReader(bearer.jobs.oneshot(search, output_mode="json", **times))))
json.dump(told, sys.stdout)
