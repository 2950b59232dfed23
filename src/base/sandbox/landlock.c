/* Landlock (Linux 5.13 and later), see landlock(7). Its header and wrappers are not used:
 * many systems are too old to have them. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "sandbox/private.h"

/* System call numbers, the same on every architecture. */
enum {
    CALL_CREATE_RULESET = 444,
    CALL_ADD_RULE = 445,
    CALL_RESTRICT_SELF = 446,
};

enum { GET_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13, /* link or rename into another folder */
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
};

enum { BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1 };
enum { ABSTRACT_SOCKET = 1 << 0, SIGNAL = 1 << 1 };

/* An older kernel accepts this longer struct if the members it does not know are 0. */
struct ruleset {
    uint64_t files, net, scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

/* Access rights that each ABI version adds: refused everywhere unless a rule allows them.
 * Reading is not restricted. */
static const struct {
    int abi;
    struct ruleset rights;
} versions[] = {
    { 1,
      { .files = EXECUTE | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR | MAKE_DIR | MAKE_REG |
                 MAKE_SOCK | MAKE_FIFO | MAKE_BLOCK | MAKE_SYM } },
    { 2, { .files = REFER } },
    { 3, { .files = TRUNCATE } },
    { 4, { .net = BIND_TCP | CONNECT_TCP } },
    { 5, { .files = IOCTL_DEV } },
    { 6, { .scoped = ABSTRACT_SOCKET | SIGNAL } },
};

static const uint64_t in_folder =
    WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE;
static const uint64_t on_device = WRITE_FILE | TRUNCATE | IOCTL_DEV;

static struct ruleset rights_of(int abi)
{
    struct ruleset all = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(versions) && versions[i].abi <= abi; i++) {
        all.files |= versions[i].rights.files;
        all.net |= versions[i].rights.net;
        all.scoped |= versions[i].rights.scoped;
    }
    return all;
}

static bool allow(int ruleset, const char *path, int flags, uint64_t allowed)
{
    int fd = open(path, O_PATH | O_CLOEXEC | flags);
    if (fd < 0) {
        return true;
    }
    struct path_beneath rule = { .allowed = allowed, .parent_fd = fd };
    bool ok = syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
    close(fd);
    return ok;
}

static bool restrict_self(int ruleset, uint64_t handled, const struct sandbox *rules)
{
    bool ok = true;
    for (size_t i = 0; ok && i < rules->folder_count; i++) {
        ok = allow(ruleset, rules->folders[i], O_DIRECTORY,
                   (in_folder | (rules->links ? MAKE_SYM : 0)) & handled);
    }
    for (size_t i = 0; ok && i < rules->device_count; i++) {
        ok = allow(ruleset, rules->devices[i], 0, on_device & handled);
    }
    return ok && syscall(CALL_RESTRICT_SELF, ruleset, 0) == 0;
}

int landlock_enter(const struct sandbox *rules, char *why, size_t size)
{
    int abi = (int)syscall(CALL_CREATE_RULESET, NULL, 0, GET_VERSION);
    if (abi < 1) {
        snprintf(why, size, "%s",
                 errno == ENOSYS       ? "this kernel has no Landlock"
                 : errno == EOPNOTSUPP ? "Landlock is turned off in this kernel"
                                       : strerror(errno));
        return 0;
    }
    struct ruleset rights = rights_of(abi);
    int ruleset = (int)syscall(CALL_CREATE_RULESET, &rights, sizeof rights, 0);
    bool ok = ruleset >= 0 && restrict_self(ruleset, rights.files, rules);
    if (!ok) {
        snprintf(why, size, "Landlock: %s", strerror(errno));
    }
    if (ruleset >= 0) {
        close(ruleset);
    }
    return ok ? abi : 0;
}
