"""Kinds: data, no behaviour. A kind says what may be asked of a resource; its systems say how it is read."""

from agent.catalog.asset import ASSET
from agent.catalog.device import DEVICE
from agent.catalog.host import HOST
from agent.catalog.person import PERSON
from agent.catalog.printer import PRINTER
from agent.catalog.roster import CLASS, SCHOOL
from agent.catalog.service import SERVICE
from agent.catalog.site import SITE
from agent.catalog.ticket import TICKET

KINDS = {kind.name: kind for kind in (HOST, DEVICE, ASSET, TICKET, PERSON, PRINTER, SERVICE, CLASS, SCHOOL, SITE)}
