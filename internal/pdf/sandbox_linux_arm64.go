package pdf

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// deniedHere are older forms of denied system calls.
var deniedHere = []uint32{unix.SYS_RENAMEAT, unix.SYS_ACCEPT}
