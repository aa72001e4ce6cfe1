"""Reads a bounce from standard input by Python's email package and prints it as JSON."""
import email, email.policy, json, sys

bounce = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = list(bounce.iter_parts())


def fields(group):
    return {name.lower(): str(value) for name, value in group.items()}


status = parts[1].get_payload()
print(json.dumps({
    "type": bounce.get_content_type(),
    "report": bounce.get_param("report-type"),
    "defects": [str(defect) for part in bounce.walk() for defect in part.defects],
    "header": fields(bounce),
    "parts": [part.get_content_type() for part in parts],
    "text": parts[0].get_content(),
    "message": fields(status[0]),
    "recipients": [fields(group) for group in status[1:] if group.keys()],
    "returned": parts[2].as_string() if len(parts) > 2 else "",
}))
