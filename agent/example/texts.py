"""The files of a new district, as text: its own names in them, and comments that teach.

Whatever a person answered stands in them as a YAML scalar that cannot be anything else.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

from agent.example.answers import EXAMPLE_NAME, NO_TEXT, sites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.example.answers import Answers, School
    from agent.example.choosing import List

WIDTH = 118
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9.@_+/'-]*( [A-Za-z0-9.&/'-]+)*")


def scalar(text: str) -> str:
    """Give a text as a YAML scalar: plain where it reads better and nothing else could be meant, else quoted."""
    if _PLAIN.fullmatch(text) and text.lower() not in NO_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)


DISTRICT = """\
# yaml-language-server: $schema=driftbell.schema.json
#
# Whose policies these are: the schools, the people, who gets which report, and the limits that hold for every policy.
# `driftbell validate` says where something does not fit, with the line.

# `calendar` is whose days `14 school days` counts, `hours` whose `2 staff days` and `4 desk hours`; they stand in
# calendars/. Each school names its own `calendar`; these here count for what belongs to no school.
district: {{name: {name}, timezone: {timezone}, calendar: school, hours: {{staff: office, desk: office}}}}

# The key (office, east, ...) is what inventories and policies say; the name is what reports say.
# A list says which school a device belongs to by one of these: the key, the name, or an org unit. Write the org units
# of your Google or Microsoft tenant as your console shows them; whatever lies below one belongs to the school, too:
#   east: {{name: East High, org_units: [/Students/East, /Staff/East], student_ou: /Students/East, calendar: school}}
# student_ou is where the school's students are.
sites:
{sites}

# What somebody may do: approve (a batch that is held), stop (everything, at once), calendar (move a freeze).
# A deputy stands in while a person is away: deputy: systems, away: [{{first: 2027-07-05, last: 2027-07-16}}].
# Which login and which SSH key belong to whom is a setting of the server (people, approvers), not of this repository.
# Whoever may run driftbell on the server may stop everything; to allow it again takes somebody who may stop.
{people}

# The limits of last resort; a policy can only tighten them. More than 25 of anything wanted by one batch: the whole
# batch waits for an approval. More than 100 in one day: the rest waits for tomorrow. 0 means none at all.
# never_touch keeps a resource from ever being written to, by whatever policy: name your backup and directory servers.
guards:
  per_run: {{count: 25, percent: 100}}
  per_day: {{count: 100}}
  # never_touch: [host/backup1, host/directory1]
"""

CALENDAR = """\
# yaml-language-server: $schema=../driftbell.schema.json
#
# {said}
# Write your own bells, and below `years` each year with its closed days: until then every {days} counts, and policies
# that count days count holidays too. `driftbell calendar` shows a month of it.
#   years:
#     2026-27:
#       from: 2026-08-12
#       to: 2027-06-03
#       closed:
#         - {{name: Winter break, first: 2026-12-21, last: 2027-01-01}}
calendar: {name}
name: {title}
bells:
{bells}
"""

PEOPLE = """\
people:
  director: {{name: IT director, email: {director}, may: [approve, stop, calendar]}}
  # systems: {{name: B. Example, email: systems@riverton.example, may: [approve, stop], deputy: director}}

# Who gets the drift report, by the names above.
reports: {{drift: [director]}}"""

NO_PEOPLE = """\
people: {}  # without the braces, as soon as somebody stands below
#   director: {name: A. Example, email: director@riverton.example, may: [approve, stop, calendar]}

# Who gets the drift report, by the names above. Nobody yet, so no report is mailed.
reports: {drift: []}"""

SYSTEMS = """\
# yaml-language-server: $schema=../policies/driftbell.schema.json
#
# The lists that are read beside the servers of hosts.yml. Nothing here is a password, and nothing here is student data:
# the files themselves lie in the state directory, where `driftbell import FILE --as NAME` puts them.
#
# fresh_for is how old a list may be before the report calls it stale. 8 days suits an export made by hand once a week;
# write 26h once a job makes it every night.
{systems}
"""

MORE_SYSTEMS = """\
  # A list of any other program: say which column is what. Field names: docs/technician.md, or let the editor help.
  # repairs:
  #   type: csv
  #   kind: ticket
  #   path: repairs.csv
  #   key: number
  #   columns:
  #     number: Ticket No
  #     site: {from: Building, map: {EHS: east}}
  #     status: {from: State, map: {done: resolved}, only: true}
  #     created: {from: Opened, format: "%d/%m/%Y"}

  # Services are asked from this machine, and need no list. The last one proves that the filter filters.
  # services:
  #   type: probe
  #   kind: service
  #   checks:
  #     website: {http: "https://www.riverton.example/"}
  #     mail: {tls: "mail.riverton.example:993"}
  #     filter: {dns: "blocked-test.riverton.example", server: "192.0.2.53", blocked_answers: ["192.0.2.1"]}"""

NO_SYSTEMS = "systems: {}  # without the braces, as soon as one stands below\n\n"

HOSTS = """\
# The servers that Driftbell looks at: an ordinary Ansible inventory, shared by its probes and your playbooks.
# `site` names a school of policies/district.yaml. `ansible_connection: local` is the machine that Driftbell runs on,
# read without SSH; nothing is ever written to it. After a change run: driftbell hosts trust
servers:
  hosts:{here}
    # web1:
    #   ansible_host: 192.0.2.10          # its address
    #   ansible_user: driftbell           # an account that may use sudo without a password
    #   ansible_become: true
    #   site: {site}
"""

HERE = """
    this-server:
      ansible_connection: local
      site: {site}"""

GITIGNORE = """\
# Exports hold student data. They belong into Driftbell's state directory, never into git.
*.csv
*.tsv
*.xls
*.xlsx
*.ods
*.zip
/inventory/exports/
/state/
# A secret is named by reference, never written down.
*.key
*.pem
# The editor's schema is made by each installation: driftbell schema > policies/driftbell.schema.json
/policies/driftbell.schema.json
"""

EXTENSIONS = '{"recommendations": ["redhat.vscode-yaml"]}\n'  # completes policies from the schema beside them

README = """\
# The rules of {name}

What must be true of our devices, servers and lists, one rule a file, read by Driftbell.
Everything is watch only (`mode: audit`) until somebody changes that word in a file.

## Every week

{week}
## What is where

- `policies/district.yaml`: our schools and people. Write the schools' org units there, for devices go by them.
- `policies/*/`: the rules. Each file says in its comments what it means.
- `policies/values/`: numbers that age, with the day until which they hold. `policies/conditions/`: what words mean.
- `policies/frameworks/`: what CIS, CISA and others ask for; `driftbell coverage` says which rule serves what.
- `inventory/systems.yaml`: which lists are read. The lists themselves hold student data and never come into git.
- `inventory/hosts.yml`: our servers.
- `playbooks/`: what may be done to servers, once a rule may fix.
{later}
## Before a commit

    driftbell validate

The editor completes and checks rules by `policies/driftbell.schema.json` (VS Code: the YAML extension of Red Hat).
After an update of Driftbell, make it anew: `driftbell schema > policies/driftbell.schema.json`.
"""


def calendars() -> dict[str, str]:
    """Give the calendars that a new district begins with, by name: a week that goes on for ever."""
    said = "When school is in session: the times in quotes, as HH:MM; several spans a day leave the breaks out."
    office = "When the office and the help desk are there: all year, summer included. Accounts are counted by this one."
    return {
        "school": _calendar("school", "School", "weekday", '["08:00-15:00"]', said),
        "office": _calendar("office", "Office and help desk", "weekday", '["07:30-16:30"]', office),
    }


def _calendar(name: str, title: str, days: str, span: str, said: str) -> str:
    bells = "\n".join(f"  {day}: {span}" for day in ("mon", "tue", "wed", "thu", "fri"))
    return CALENDAR.format(name=name, title=title, days=days, bells=bells, said=said)


def district(answers: Answers) -> str:
    """Give policies/district.yaml."""
    return DISTRICT.format(
        name=scalar(answers.name),
        timezone=answers.timezone,
        sites="\n".join(f"  {key}: {_school(one)}" for key, one in sites(answers.schools).items()),
        people=PEOPLE.format(director=scalar(answers.director)) if answers.director else NO_PEOPLE,
    )


def _school(one: School) -> str:
    units = f", org_units: [{scalar(one.org_unit)}], student_ou: {scalar(one.org_unit)}" if one.org_unit else ""
    return f"{{name: {scalar(one.name)}{units}, calendar: school}}"


def systems(chosen: Sequence[List]) -> str:
    """Give inventory/systems.yaml."""
    entries = [line for one in chosen for line in _entry(one)][1:]
    if not entries:
        return SYSTEMS.format(systems=NO_SYSTEMS + MORE_SYSTEMS.replace("  # ", "#   "))
    return SYSTEMS.format(systems="\n".join(["systems:", *entries, "", MORE_SYSTEMS]))


def _entry(one: List) -> list[str]:
    sort, ending, preset = ("csv", "csv", f", preset: {one.preset}") if one.preset else ("oneroster", "zip", "")
    said = textwrap.wrap(
        one.description, WIDTH, initial_indent="  # ", subsequent_indent="  # ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    after = f"path: {one.name}.{ending}{preset}, fresh_for: 8 days"
    return ["", *said, *(f"  {n}: {{type: {sort}, kind: {of}, {after}}}" for n, of in one.sources)]


def hosts(answers: Answers) -> str:
    """Give inventory/hosts.yml."""
    site = next(iter(sites(answers.schools)))
    return HOSTS.format(here=HERE.format(site=site) if answers.this_machine else " {}", site=site)


def readme(answers: Answers, later: Mapping[str, str]) -> str:
    """Give the README of the district's folder; `later` says of each policy left out what it waits for."""
    week = "".join(f"    driftbell import FILE --as {name}\n" for name in answers.lists)
    return README.format(
        name=answers.name.translate({ord(c): None for c in "`*_[]<>\\"}),
        week=f"{week}    driftbell check        # what is out of line; nothing is changed or recorded\n"
        "    driftbell run          # the same, recorded, and mailed once a mail server is set\n",
        later=_later(later),
    )


def _later(later: Mapping[str, str]) -> str:
    if not later:
        return ""
    reasons = dict.fromkeys(later.values())
    waits = "".join(f"\n  - {', '.join(_waiting(later, why))}: {why}." for why in reasons)
    return (
        f"- `later/`: rules that nothing reads yet. Move one to `policies/` when what it waits for is there.{waits}\n"
        "  A rule that says `is: NAME` or `value: NAME.key` needs the file of that name too, where it stands below\n"
        "  `later/conditions/` or `later/values/`.\n"
    )


def _waiting(later: Mapping[str, str], why: str) -> list[str]:
    return [path.rpartition("/")[2].removesuffix(".yaml") for path, reason in later.items() if reason == why]


def with_names(policy: str, answers: Answers) -> str:
    """Put the district's own name and address into one of the example's policies.

    The name stands in the middle of plain lines there, so it goes in without the signs that YAML or Ansible read.
    """
    plain = " ".join(re.sub(r"[^\w .'&-]", " ", answers.name).split()) or "this district"
    text = policy.replace(EXAMPLE_NAME, plain)
    if not answers.director:
        return text
    return re.sub(r"(?m)^owner: \S+@riverton\.example$", lambda _: f"owner: {scalar(answers.director)}", text)
