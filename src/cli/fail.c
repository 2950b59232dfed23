#include "fail.h"

#include "say.h"

int fail_nomem(const char *what)
{
    struct error err;
    error_nomem(&err, 1, what);
    return fail(&err);
}

int fail(const struct error *err)
{
    static const int codes[] = {
        [ERROR_NONE] = EXIT_IO,   [ERROR_USAGE] = EXIT_USAGE,      [ERROR_IO] = EXIT_IO,
        [ERROR_DATA] = EXIT_DATA, [ERROR_UNSUPPORTED] = EXIT_DATA, [ERROR_BUSY] = EXIT_IO,
    };
    say(stderr, "thumbtag: %s\n", err->message);
    return codes[err->kind];
}
