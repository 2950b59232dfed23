/* The names of the conflict copies: NAME.saved, NAME.saved-2 ... */
#include "labels_private.h"

#include <limits.h>
#include <string.h>

enum { GAP_MAX = 8 }; /* numbers searched past the last copy found */

bool labels_next_copy(const struct labels *l, int *number, char name[NAME_MAX + 1])
{
    for (int i = *number + 1; i <= *number + GAP_MAX; i++) {
        if (folder_numbered(name, l->saved, i) &&
            folder_look(&l->folder, name, NULL) == FOLDER_FILE) {
            *number = i;
            return true;
        }
    }
    return false;
}

_Static_assert(LABELS_NAME_SIZE > NAME_MAX, "room for a name");

size_t labels_copies(const struct labels *l, char first[LABELS_NAME_SIZE])
{
    char name[NAME_MAX + 1];
    size_t count = 0;
    first[0] = '\0';
    for (int number = 0; labels_next_copy(l, &number, name); count++) {
        if (count == 0) {
            memcpy(first, name, sizeof name);
        }
    }
    return count;
}
