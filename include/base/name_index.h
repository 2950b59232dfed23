/* Removes the numbers that exporters write before class names, in lists with one name per
 * line. */
#ifndef BASE_NAME_INDEX_H
#define BASE_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>

/* Removes the numbers if every line has one and the remaining names all differ:
 *   the line number from 0, as Teachable Machine writes it: "0 cat", "1 dog", also
 *     "0: cat", "0, cat", "0. cat", "0) cat", "0 - cat", "0=cat"; with a separator
 *     other than a space the numbers may start at 1
 *   the WordNet id, as in ImageNet's lists: "n02123045 tabby"
 * Otherwise nothing is changed: "2 euro" may be a name. False when out of memory. */
bool name_index_take_off(char **names, size_t count);

#endif
