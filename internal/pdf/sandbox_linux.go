package pdf

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nobody is the user and group that root's worker becomes. By number, since
// containers often have no list of users.
const nobody = 65534

// sandbox takes from this process what reading a document does not need, for
// good. It is called when the engine is compiled and before a byte of the
// document is read: root becomes nobody, without groups; no capability is left
// and none can be gained; the kernel refuses to open or change files by name, to
// make sockets and to start processes.
//
// Where a container does not let root become another user, the worker stays
// root, without capabilities. On a kernel without system call filters, and on
// machines that are neither x86-64 nor 64-bit ARM, files and sockets remain.
func sandbox() error {
	if os.Geteuid() == 0 {
		if err := becomeNobody(); err != nil {
			return err
		}
	}
	if err := dropCapabilities(); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	// The filter needs no-new-privileges on the thread that sets it, and sets both
	// on all others.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid new privileges: %w", err)
	}
	return filterSystemCalls()
}

// refused reports whether a container or a user namespace does not allow what
// root may do elsewhere.
func refused(err error) bool { return errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) }

func becomeNobody() error {
	for _, step := range []func() error{
		func() error { return syscall.Setgroups(nil) },
		func() error { return syscall.Setresgid(nobody, nobody, nobody) },
		func() error { return syscall.Setresuid(nobody, nobody, nobody) },
	} {
		if err := step(); err != nil && !refused(err) {
			return fmt.Errorf("become nobody: %w", err)
		}
	}
	return nil
}

// dropCapabilities empties the capabilities of all threads.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	//nolint:gosec // G103: unix.Capset reaches one thread, this all of them
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0)
	if errno == syscall.ENOTSUP { // a program with C in it, such as one under the race detector
		return unix.Capset(&header, &none[0])
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// denied are the system calls that the worker is refused, on every architecture.
var denied = []uint32{
	unix.SYS_OPENAT, unix.SYS_OPENAT2, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_TRUNCATE, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT2,
	unix.SYS_MKDIRAT, unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_MKNODAT, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWNAT,
	unix.SYS_UTIMENSAT, unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_CHROOT, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT,
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT4,
	unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_PTRACE, unix.SYS_PIDFD_OPEN,
	unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_IO_URING_SETUP, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_MEMFD_CREATE,
}

// filterSystemCalls has the kernel refuse the denied system calls on all
// threads. Threads may still be made, processes not.
func filterSystemCalls() error {
	if auditArch == 0 {
		return nil
	}
	const (
		number, arch, flags = 0, 4, 16 // where in seccomp_data; flags are the first argument's lower half
		refuse              = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
		// A C library makes its threads with clone3, whose flags a filter cannot
		// see, and falls back to clone only where the kernel does not know it.
		unknown = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	)
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	ret := func(what uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what} }
	// unless skips the next instruction unless the comparison holds.
	unless := func(op uint16, k uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, Jf: 1, K: k}
	}
	const another = 0x4000_0000 // from here on the numbers of another calling convention (x32)
	program := []unix.SockFilter{
		load(arch),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: auditArch},
		ret(unix.SECCOMP_RET_KILL_PROCESS),
		load(number), unless(unix.BPF_JGE, another), ret(refuse),
		unless(unix.BPF_JEQ, unix.SYS_CLONE3), ret(unknown),
	}
	for _, calls := range [][]uint32{denied, deniedHere} {
		for _, n := range calls {
			program = append(program, unless(unix.BPF_JEQ, n), ret(refuse))
		}
	}
	program = append(program,
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: unix.SYS_CLONE}, ret(unix.SECCOMP_RET_ALLOW),
		load(flags), unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, Jt: 1, K: unix.CLONE_THREAD}, ret(refuse),
		ret(unix.SECCOMP_RET_ALLOW),
	)
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	//nolint:gosec // G103: there is no wrapper of this system call
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(program)
	switch errno {
	case 0, unix.ENOSYS, unix.EINVAL, unix.EPERM:
		return nil
	}
	return fmt.Errorf("filter system calls: %w", errno)
}
