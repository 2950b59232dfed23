/* The ini reader: no input may break it, and what it takes as well-formed
 * iniparser must read the same way.
 * seeds: themes
 * options: -max_len=4096 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/settings.h"
#include "config/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The end of the message, as its middle may quote the input. */
static void check(const struct error *err, const char *path)
{
    static const char unread[] = "': iniparser cannot read this key";
    size_t len = strlen(err->message);
    size_t end = sizeof unread - 1;
    if (strncmp(err->message + strlen(path), ": not a valid ini", 17) == 0 ||
        (len > end && strcmp(err->message + len - end, unread) == 0)) {
        fprintf(stderr, "iniparser disagrees: %s\n", err->message);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char path[64];
    struct settings settings;
    struct theme theme;
    struct error err = { 0 };
    int fd = memfd_create("fuzz.ini", 0);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len) {
        abort();
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (!settings_init(&settings, &err)) {
        abort();
    }
    if (!settings_load(&settings, path, false, &err)) {
        check(&err, path);
    }
    settings_release(&settings);
    err.message[0] = '\0';
    if (!theme_load(&theme, path, &err)) {
        check(&err, path);
    }
    close(fd);
    return 0;
}
