#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""tests/validate_schema.py SCHEMA FILE...: a line for each YAML file that the JSON Schema refuses, and why.

Exit status 77: python3-jsonschema or python3-yaml is not installed.
"""
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(error)
    sys.exit(77)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            errors = sorted(validator.iter_errors(yaml.safe_load(file)), key=lambda error: list(map(str, error.path)))
        for error in errors[:1]:
            print(f"{path}: {'.'.join(map(str, error.path))}: {error.message[:200]}")


if __name__ == "__main__":
    main()
