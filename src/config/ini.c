#include "ini.h"

#include <errno.h>
#include <iniparser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

#define INI_BYTES_MAX (1 << 20)

/* iniparser reports through a function without a context. */
static _Thread_local char ini_complaint[256];

static int take_complaint(const char *format, ...)
{
    if (!ini_complaint[0]) {
        va_list args;
        va_start(args, format);
        vsnprintf(ini_complaint, sizeof ini_complaint, format, args);
        va_end(args);
        ini_complaint[strcspn(ini_complaint, "\n")] = '\0';
    }
    return 0;
}

static bool each_key(const dictionary *dict, const char *section, ini_fn *fn, void *context,
                     const char *path, struct error *err)
{
    int n = iniparser_getsecnkeys(dict, section);
    if (n <= 0) {
        return true;
    }
    const char **keys = calloc((size_t)n, sizeof *keys);
    if (!keys) {
        return error_nomem(err, (size_t)n * sizeof *keys, "the keys of an ini section");
    }
    bool ok = iniparser_getseckeys(dict, section, keys) != NULL;
    size_t skip = strlen(section) + 1;
    for (int i = 0; ok && i < n; i++) {
        const char *value = iniparser_getstring(dict, keys[i], "");
        ok = fn(context, section, keys[i] + skip, value, path, err);
    }
    free(keys);
    return ok;
}

static bool each_section(const dictionary *dict, ini_fn *fn, void *context, const char *path,
                         struct error *err)
{
    int sections = iniparser_getnsec(dict);
    if (sections == 0 && dict->n > 0) {
        return error_set(err, ERROR_DATA, "%s: '%s' stands in front of the first [section]", path,
                         dict->key[0] ? dict->key[0] : "?");
    }
    for (int i = 0; i < sections; i++) {
        if (!each_key(dict, iniparser_getsecname(dict, i), fn, context, path, err)) {
            return false;
        }
    }
    return true;
}

bool ini_each(const char *path, bool optional, ini_fn *fn, void *context, struct error *err)
{
    if (optional && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    /* iniparser opens whatever the name is; this refuses devices and monsters. */
    struct buf bytes = BUF_INIT;
    bool readable = file_read(path, INI_BYTES_MAX, &bytes, err);
    buf_release(&bytes);
    if (!readable) {
        return false;
    }
    ini_complaint[0] = '\0';
    iniparser_set_error_callback(take_complaint);
    dictionary *dict = iniparser_load(path);
    if (!dict || ini_complaint[0]) {
        iniparser_freedict(dict);
        return error_set(err, ERROR_DATA, "%s: not a valid ini file%s%s", path,
                         ini_complaint[0] ? ": " : "", ini_complaint);
    }
    bool ok = each_section(dict, fn, context, path, err);
    iniparser_freedict(dict);
    return ok;
}
