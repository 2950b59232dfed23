#include "term/protocol.h"

#include <string.h>

#include "base/mem.h"

static const struct protocol *const protocols[] = { &protocol_sixel, &protocol_libsixel,
                                                   &protocol_blocks };

const struct protocol *protocol_at(size_t index)
{
    return index < ARRAY_LEN(protocols) ? protocols[index] : NULL;
}

const struct protocol *protocol_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
        if (strcmp(protocols[i]->name, name) == 0) {
            return protocols[i];
        }
    }
    return NULL;
}

const struct protocol *protocol_choose(const struct term_caps *caps, const char **why)
{
    if (caps->replies.da1_sixel) {
        *why = "the terminal lists sixel (4) in its DA1 answer";
        return &protocol_sixel;
    }
    if (!caps->replies.da1) {
        *why = "the terminal did not answer DA1 in time";
    } else if (caps->tmux) {
        *why = "tmux does not list sixel (4) in its DA1 answer";
    } else {
        *why = "the terminal does not list sixel (4) in its DA1 answer";
    }
    return &protocol_blocks;
}
