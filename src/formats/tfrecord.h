/* TFRecord files of tf.train.Example, as TensorFlow's classifiers and its object detection API
 * read them. A record is
 *
 *   length of the data     8 bytes, the lowest first
 *   checksum of these      4
 *   data
 *   checksum of the data   4
 *
 * A checksum is CRC-32C, turned right by 15 bits, plus 0xa282ead8. The data is a protocol
 * buffer: Example { features = 1 }, Features { map feature = 1 }, Feature { bytes_list = 1,
 * float_list = 2, int64_list = 3 }, each list { value = 1 }. The features:
 *
 *   image/encoded, image/filename, image/format, image/source_id, image/height, image/width
 *   image/class/text, image/class/label     of the whole picture; numbers from 0, as in labels.txt
 *   image/object/bbox/xmin ...              of each region, as shares of the upright picture
 *   image/object/class/text, .../label      numbers from 1, as in label_map.pbtxt
 *
 * The encoded bytes are those of the file. A region of several classes stands there once for
 * each. Read: names and classes; the pictures themselves must be there as files. */
#ifndef FORMATS_TFRECORD_H
#define FORMATS_TFRECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/crc.h"
#include "format.h"

#define RECORD_MAX ((uint64_t)1 << 30) /* bytes */
enum { HEAD = 12, CHECKSUM = 4 };      /* bytes */
enum { OBJECTS_MAX = 10000 };          /* of a picture */

enum feature_kind { BYTES = 1, FLOATS = 2, INTEGERS = 3 };

static inline uint32_t masked_crc(const void *bytes, size_t len)
{
    uint32_t crc = crc32c_of(bytes, len);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static inline void put_little(uint8_t *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline uint64_t get_little(const uint8_t *p, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;) {
        value = value << 8 | p[i];
    }
    return value;
}

/* tfrecord_write.c */
bool tfrecord_write(struct export *e, struct error *err);

#endif
