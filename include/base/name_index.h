/* Numbers that exporters write in front of names, in a list with a name a line. */
#ifndef BASE_NAME_INDEX_H
#define BASE_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>

/* Takes them off where every line has one, and no two names are the same then:
 *   the line's number from 0, as Teachable Machine writes it: "0 cat", "1 dog",
 *     also "0: cat", "0, cat", "0. cat", "0) cat", "0 - cat", "0=cat", and all but
 *     the first of these from 1
 *   WordNet's number, as ImageNet's lists have it: "n02123045 tabby"
 * Else nothing is changed: "2 euro" may be a name. False when memory is out. */
bool name_index_take_off(char **names, size_t count);

#endif
