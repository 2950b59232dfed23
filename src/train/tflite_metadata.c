#include "tflite_metadata.h"

#include "base/mem.h"
#include "flatbuffer_builder.h"

/* Field numbers of the metadata schema, 1.0. */
enum {
    MODEL_NAME,
    MODEL_DESCRIPTION,
    MODEL_VERSION,
    MODEL_GRAPHS,
    MODEL_AUTHOR,
    MODEL_LICENSE,
    MODEL_FILES,
    MODEL_MIN_PARSER,
    MODEL_FIELDS,
};
enum { GRAPH_NAME, GRAPH_DESCRIPTION, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_FIELDS };
enum {
    TENSOR_NAME,
    TENSOR_DESCRIPTION,
    TENSOR_DIMENSIONS,
    TENSOR_CONTENT,
    TENSOR_PROCESSING,
    TENSOR_STATISTICS,
    TENSOR_FILES,
    TENSOR_FIELDS,
};
enum { CONTENT_TYPE, CONTENT_PROPERTIES, CONTENT_FIELDS };
enum { PROCESSING_TYPE, PROCESSING_OPTIONS, PROCESSING_FIELDS };
enum { NORMALIZATION_MEAN, NORMALIZATION_STD, NORMALIZATION_FIELDS };
enum { FILE_NAME, FILE_DESCRIPTION, FILE_TYPE, FILE_FIELDS };

enum { IMAGE_PROPERTIES = 2, NORMALIZATION = 1, TENSOR_AXIS_LABELS = 2, RGB = 1, GREY = 2 };

/* Writes a vector of one table and points the gap `at` to it. */
static void put_one(struct buf *out, size_t at, struct fbb_field *fields, size_t count)
{
    size_t vector = fbb_references(out, 1);
    fbb_point(out, at, vector);
    fbb_point(out, fbb_element(vector, 0), fbb_table(out, fields, count));
}

static void put_content(struct buf *out, size_t at, bool grey)
{
    struct fbb_field content[CONTENT_FIELDS] = {
        [CONTENT_TYPE] = FBB_BYTE_OF(IMAGE_PROPERTIES),
        [CONTENT_PROPERTIES] = FBB_LATER,
    };
    struct fbb_field colours[] = { FBB_BYTE_OF(grey ? GREY : RGB) };
    fbb_point(out, at, fbb_table(out, content, ARRAY_LEN(content)));
    fbb_point(out, content[CONTENT_PROPERTIES].at, fbb_table(out, colours, ARRAY_LEN(colours)));
}

static void put_processing(struct buf *out, size_t at)
{
    static const float mean = 128, std = 1;
    struct fbb_field processing[PROCESSING_FIELDS] = {
        [PROCESSING_TYPE] = FBB_BYTE_OF(NORMALIZATION),
        [PROCESSING_OPTIONS] = FBB_LATER,
    };
    struct fbb_field normalization[NORMALIZATION_FIELDS] = {
        [NORMALIZATION_MEAN] = FBB_LATER,
        [NORMALIZATION_STD] = FBB_LATER,
    };
    put_one(out, at, processing, ARRAY_LEN(processing));
    fbb_point(out, processing[PROCESSING_OPTIONS].at,
              fbb_table(out, normalization, ARRAY_LEN(normalization)));
    fbb_point(out, normalization[NORMALIZATION_MEAN].at, fbb_vector(out, &mean, 1, 4, 4));
    fbb_point(out, normalization[NORMALIZATION_STD].at, fbb_vector(out, &std, 1, 4, 4));
}

static void put_input(struct buf *out, size_t at, bool grey)
{
    struct fbb_field tensor[TENSOR_FIELDS] = {
        [TENSOR_NAME] = FBB_LATER,
        [TENSOR_DESCRIPTION] = FBB_LATER,
        [TENSOR_CONTENT] = FBB_LATER,
        [TENSOR_PROCESSING] = FBB_LATER,
    };
    put_one(out, at, tensor, ARRAY_LEN(tensor));
    fbb_point(out, tensor[TENSOR_NAME].at, fbb_string(out, "picture"));
    fbb_point(out, tensor[TENSOR_DESCRIPTION].at,
              fbb_string(out, "sRGB values of 0 to 255, less 128"));
    put_content(out, tensor[TENSOR_CONTENT].at, grey);
    put_processing(out, tensor[TENSOR_PROCESSING].at);
}

static void put_output(struct buf *out, size_t at, const char *labels_file)
{
    struct fbb_field tensor[TENSOR_FIELDS] = {
        [TENSOR_NAME] = FBB_LATER,
        [TENSOR_FILES] = FBB_LATER,
    };
    struct fbb_field file[FILE_FIELDS] = {
        [FILE_NAME] = FBB_LATER,
        [FILE_DESCRIPTION] = FBB_LATER,
        [FILE_TYPE] = FBB_BYTE_OF(TENSOR_AXIS_LABELS),
    };
    put_one(out, at, tensor, ARRAY_LEN(tensor));
    fbb_point(out, tensor[TENSOR_NAME].at, fbb_string(out, "probability"));
    put_one(out, tensor[TENSOR_FILES].at, file, ARRAY_LEN(file));
    fbb_point(out, file[FILE_NAME].at, fbb_string(out, labels_file));
    fbb_point(out, file[FILE_DESCRIPTION].at, fbb_string(out, "the classes, one a line"));
}

void tflite_metadata(struct buf *out, const char *description, const char *labels_file, bool grey)
{
    struct fbb_field model[MODEL_FIELDS] = {
        [MODEL_DESCRIPTION] = FBB_LATER,
        [MODEL_GRAPHS] = FBB_LATER,
        [MODEL_MIN_PARSER] = FBB_LATER,
    };
    struct fbb_field graph[GRAPH_FIELDS] = {
        [GRAPH_INPUTS] = FBB_LATER,
        [GRAPH_OUTPUTS] = FBB_LATER,
    };
    fbb_start(out, "M001");
    fbb_point(out, 0, fbb_table(out, model, ARRAY_LEN(model)));
    fbb_point(out, model[MODEL_DESCRIPTION].at, fbb_string(out, description));
    fbb_point(out, model[MODEL_MIN_PARSER].at, fbb_string(out, "1.0.0"));
    put_one(out, model[MODEL_GRAPHS].at, graph, ARRAY_LEN(graph));
    put_input(out, graph[GRAPH_INPUTS].at, grey);
    put_output(out, graph[GRAPH_OUTPUTS].at, labels_file);
}
