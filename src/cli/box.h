/* What each command may write, once it is in the sandbox. */
#ifndef CLI_BOX_H
#define CLI_BOX_H

#include "base/sandbox.h"
#include "cli.h"

struct box {
    const char *output; /* a file: its folder may be written; NULL or "": none */
    const char *folder; /* one more; NULL or "": none */
    bool cache;         /* the cache folder; made where it is not there */
    bool terminal;
};

/* Enters it for good, unless the settings say no; *state may be NULL. False when
 * memory is out. */
bool box_enter(const struct settings *s, const struct box *box, struct sandbox_state *state,
               struct error *err);

#endif
