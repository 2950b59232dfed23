/* What a command may write after entering the sandbox. */
#ifndef CLI_BOX_H
#define CLI_BOX_H

#include "base/sandbox.h"
#include "config/settings.h"

struct box {
    const char *output; /* a file, whose folder becomes writable; NULL or "": none */
    const char *folder; /* another writable folder; NULL or "": none */
    bool links;         /* symbolic links may be made there */
    bool cache;         /* the cache folder, created if missing */
    bool terminal;      /* the terminal */
};

/* Enters the sandbox irrevocably, unless no-sandbox is set; *state may be NULL. False only
 * if out of memory or if the helper process cannot be started. */
bool box_enter(const struct settings *s, const struct box *box, struct sandbox_state *state,
               struct error *err);

#endif
