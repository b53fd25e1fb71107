"""The kind `host`: a Linux server as a policy may ask about it.

What each field means is said here and nowhere else; how it is read stands in `agent/systems/host/probes/`.
"""

from __future__ import annotations

from agent.model.kind import Family, Field, FieldType, Kind

# What `sshd -T` prints on Debian 12 and 13 and Ubuntu 22.04 and 24.04 (OpenSSH 8.9 to 10.0), and the lists that it
# prints only where they are set. Collected by running it, not from the manual: options that the manual knows and
# `sshd -T` never shows cannot be read, so they are no fields.
SSHD_KEYWORDS = frozenset({
    "acceptenv", "addressfamily", "allowagentforwarding", "allowgroups", "allowstreamlocalforwarding",
    "allowtcpforwarding", "allowusers", "authenticationmethods", "authorizedkeyscommand",
    "authorizedkeyscommanduser", "authorizedkeysfile", "authorizedprincipalscommand",
    "authorizedprincipalscommanduser", "authorizedprincipalsfile", "banner", "casignaturealgorithms",
    "channeltimeout", "chrootdirectory", "ciphers", "clientalivecountmax", "clientaliveinterval", "compression",
    "debianbanner", "denygroups", "denyusers", "disableforwarding", "exposeauthinfo", "fingerprinthash",
    "forcecommand", "gatewayports", "gssapiauthentication", "gssapicleanupcredentials", "gssapikexalgorithms",
    "gssapikeyexchange", "gssapistorecredentialsonrekey", "gssapistrictacceptorcheck",
    "hostbasedacceptedalgorithms", "hostbasedauthentication", "hostbasedusesnamefrompacketonly",
    "hostcertificate", "hostkey", "hostkeyagent", "hostkeyalgorithms", "ignorerhosts", "ignoreuserknownhosts",
    "ipqos", "kbdinteractiveauthentication", "kerberosauthentication", "kerberosorlocalpasswd",
    "kerberosticketcleanup", "kexalgorithms", "listenaddress", "logingracetime", "loglevel", "logverbose",
    "macs", "maxauthtries", "maxsessions", "maxstartups", "modulifile", "pamservicename",
    "passwordauthentication", "permitemptypasswords", "permitlisten", "permitopen", "permitrootlogin",
    "permittty", "permittunnel", "permituserenvironment", "permituserrc", "persourcemaxstartups",
    "persourcenetblocksize", "persourcepenalties", "persourcepenaltyexemptlist", "pidfile", "port",
    "printlastlog", "printmotd", "pubkeyacceptedalgorithms", "pubkeyauthentication", "pubkeyauthoptions",
    "refuseconnection", "rekeylimit", "requiredrsasize", "revokedkeys", "securitykeyprovider", "setenv",
    "sshdauthpath", "sshdsessionpath", "streamlocalbindmask", "streamlocalbindunlink", "strictmodes",
    "subsystem", "syslogfacility", "tcpkeepalive", "trustedusercakeys", "unusedconnectiontimeout", "usedns",
    "usepam", "versionaddendum", "x11displayoffset", "x11forwarding", "x11uselocalhost", "xauthlocation",
})  # fmt: skip

_PLAIN = (
    Field("hostname", FieldType.TEXT, "The name that the host gives itself (`uname -n`)."),
    Field("groups", FieldType.LIST, "The inventory groups that the host is in; known even while it is silent."),
    Field("os.name", FieldType.TEXT, "The system's short name in lower case, such as `debian` or `ubuntu`."),
    Field("os.version", FieldType.VERSION, "The system's version, such as `12`; none for a rolling release."),
    Field("os.kernel", FieldType.VERSION, "The release of the running kernel, such as `6.1.0-40-amd64`."),
    Field("time.synced", FieldType.BOOLEAN, "Whether the clock is kept in step with a time server right now."),
    Field(
        "updates.pending",
        FieldType.NUMBER,
        "How many installed packages would be upgraded, going by the host's own package lists. Unknown where those "
        "lists are missing or have not been refreshed for 14 days.",
        unit="packages",
    ),
    Field(
        "updates.security_pending",
        FieldType.NUMBER,
        "How many of the pending upgrades come from a security archive.",
        unit="packages",
    ),
    Field(
        "updates.reboot_needed",
        FieldType.BOOLEAN,
        "Whether the host asks for a restart, or a newer kernel of the running sort is installed than runs.",
    ),
)

_VAR = Family(
    "var",
    "NAME",
    (
        Field(
            "",
            FieldType.TEXT,
            "The variable's value; a number or true/false as YAML writes it, a list or map as JSON. None where the "
            "inventory does not set it.",
        ),
    ),
    "A variable of the Ansible inventory; known even while the host is silent. Where its name says that it is a "
    "secret, such as `db_password`, its value is compared and never shown.",
    secret_keys=True,
)

_SSHD = Family(
    "sshd",
    "OPTION",
    (
        Field(
            "",
            FieldType.TEXT,
            "The value in force, as `sshd -T` prints it: `prohibit-password` shows as `without-password`. The "
            "values of a repeated option are joined by one space; none where a list is empty.",
        ),
    ),
    "An option of the SSH server, in lower case. Reading it needs root.",
    keys=SSHD_KEYWORDS,
)

_SYSCTL = Family(
    "sysctl",
    "NAME",
    (
        Field(
            "",
            FieldType.TEXT,
            "The running value; tabs and runs of blanks become one space. None where the kernel has no such name.",
        ),
    ),
    "A kernel parameter, such as `sysctl.net.ipv4.ip_forward`.",
)

_PACKAGE = Family(
    "package",
    "NAME",
    (
        Field(
            "installed",
            FieldType.BOOLEAN,
            "Whether the package is installed; removed with its configuration left behind is not. Unknown where an "
            "installation broke off.",
        ),
        Field("version", FieldType.DEBIAN_VERSION, "The installed version; none where it is not installed."),
    ),
    "A Debian package; `NAME:ARCHITECTURE` names one of a foreign architecture.",
)

_SERVICE = Family(
    "service",
    "NAME",
    (
        Field(
            "running",
            FieldType.BOOLEAN,
            "Whether systemd calls the unit active (or reloading); one that is still starting, or failed, is not, "
            "and neither is one that does not exist.",
        ),
        Field(
            "enabled",
            FieldType.BOOLEAN,
            "Whether the unit comes up with the system: it is enabled, or it has nothing to enable (static, "
            "generated) and another unit pulls it in. A masked, linked, indirect, merely runtime-enabled or absent "
            "unit is not.",
        ),
    ),
    "A systemd unit; `.service` is added where the name has no unit type. An alias answers for its unit.",
)

_FILE = Family(
    "file",
    "PATH",
    (
        Field(
            "exists",
            FieldType.BOOLEAN,
            "Whether the path leads to something; a link that leads nowhere does not.",
        ),
        Field(
            "type",
            FieldType.TEXT,
            "`file`, `directory`, `socket`, `fifo`, `block` or `character`; `link` only for a link that leads nowhere.",
            words=("file", "directory", "socket", "fifo", "block", "character", "link"),
            only_words=True,
        ),
        Field("mode", FieldType.MODE, "The permissions as four octal digits, such as `0644`."),
        Field("owner", FieldType.TEXT, "The owner's name, or number where it has no name."),
        Field("group", FieldType.TEXT, "The group's name, or number where it has no name."),
        Field("sha256", FieldType.TEXT, "The SHA-256 of a regular file in lower-case hex; none for anything else."),
        Field(
            "content",
            FieldType.TEXT,
            "The whole content of a regular file, final newline included; unknown above 1 MiB or where it is not "
            "UTF-8; none for anything else.",
        ),
    ),
    "A file or folder by its absolute path; links are followed. Where it is missing, all but `exists` are none.",
)

_USER = Family(
    "user",
    "NAME",
    (
        Field("exists", FieldType.BOOLEAN, "Whether there is such an account, local or from a directory."),
        Field("shell", FieldType.PATH, "The login shell."),
        Field("groups", FieldType.LIST, "The names of all its groups, the primary one included."),
        Field(
            "locked",
            FieldType.BOOLEAN,
            "Whether no password can log in, as `passwd -S` has it; an SSH key may still do. Reading it needs root.",
        ),
        Field(
            "sudo",
            FieldType.BOOLEAN,
            "Whether sudo lets it run anything as root, by group or by rule. Reading it needs root.",
        ),
    ),
    "A user account. Where it does not exist, all but `exists` are none.",
)

_GROUP = Family(
    "group",
    "NAME",
    (
        Field("exists", FieldType.BOOLEAN, "Whether there is such a group."),
        Field(
            "members",
            FieldType.LIST,
            "The users in the group, those whose primary group it is included, in alphabetical order; none where "
            "the group does not exist.",
        ),
    ),
    "A user group.",
)

_PORT = Family(
    "port",
    "NUMBER",
    (
        Field(
            "listening",
            FieldType.BOOLEAN,
            "Whether something waits for connections on the port, on any address, loopback included.",
        ),
    ),
    "A TCP port, such as `port.22`; `port.123/udp` is a UDP port.",
)

_MOUNT = Family(
    "mount",
    "PATH",
    (
        Field(
            "used_percent",
            FieldType.PERCENT,
            "How full it is for ordinary users, to a tenth; none where it has no size.",
            unit="%",
        ),
        Field("options", FieldType.LIST, "The mount options in force, such as `nosuid`."),
    ),
    "A mount point. Where nothing is mounted there, its fields are none.",
)

_CERT = Family(
    "cert",
    "PATH",
    (
        Field("expires", FieldType.TIME, "When the certificate ends (notAfter)."),
        Field("subject", FieldType.TEXT, "The subject as RFC 4514 text, such as `CN=web1.example`."),
    ),
    "The first certificate of a PEM file. Where the file is missing, its fields are none.",
)

_CRON = Family(
    "cron",
    "USER",
    (
        Field(
            "lines",
            FieldType.LIST,
            "The lines of the user's crontab, comments and blank lines left out; empty without a crontab, none "
            "without such a user. Another user's crontab needs root.",
        ),
    ),
    "What cron runs for a user.",
)

HOST = Kind(
    name="host",
    description="A Linux server, read over SSH; Debian and Ubuntu in full, others as far as they have the same tools.",
    fields=_PLAIN,
    families=(_VAR, _SSHD, _SYSCTL, _PACKAGE, _SERVICE, _FILE, _USER, _GROUP, _PORT, _MOUNT, _CERT, _CRON),
)
