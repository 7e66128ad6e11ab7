"""The OpenAPI document against the service that it describes."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode


def test_no_request_whatever_is_a_fault_of_the_service(port: int) -> None:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.endswith("/unload"):  # others need the model
            takes_something = operation.path.endswith("/infer")
            _never_fails(operation.as_strategy(), 10 if takes_something else 3)
            if takes_something:  # only that can be given something wrong
                _never_fails(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), 10)
            tried.append(operation.path)
    assert len(tried) > 10


def _never_fails(cases: Any, n_cases: int) -> None:
    @settings(max_examples=n_cases, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def answered(case: schemathesis.Case) -> None:
        assert case.call().status_code < 500, case.as_curl_command()

    answered()
