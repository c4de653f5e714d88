"""Writes the first seeds of the fuzz corpora: small inputs that use every branch of a format.

Usage: make_seeds.py      with the Python of the 'runtime' environment; writes tests/corpus/<target>/
"""

import gzip
import pathlib
import struct
import tempfile
import zlib

import tensorflow as tf

HERE = pathlib.Path(__file__).resolve().parent


def write(target, seeds):
    (HERE / target).mkdir(exist_ok=True)
    for name, data in seeds.items():
        (HERE / target / name).write_bytes(data)


def feature(values):
    if values and isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def features(values):
    return tf.train.Features(feature={name: feature(each) for name, each in values.items()})


MIXED = {"i": [1, -2, 1 << 62], "f": [0.5, float("nan")], "b": [b"", b"\xff\x00"], "none": []}
EXAMPLE = tf.train.Example(features=features(MIXED)).SerializeToString(deterministic=True)
SEQUENCE = tf.train.SequenceExample(
    context=features(MIXED),
    feature_lists=tf.train.FeatureLists(
        feature_list={
            "words": tf.train.FeatureList(feature=[feature([b"a", b"b"]), feature([]), feature([b"c"])]),
            "empty": tf.train.FeatureList(),
        }
    ),
).SerializeToString(deterministic=True)
# The same features unpacked, a key twice, an unknown field.
UNPACKED = bytes.fromhex("0a160a090a01611204" "1a020801" "0a090a0161120412020d00" "9a06020801")


def records(*data):
    with tempfile.NamedTemporaryFile() as file:
        with tf.io.TFRecordWriter(file.name) as writer:
            for each in data:
                writer.write(each)
        return pathlib.Path(file.name).read_bytes()


write("example_decoder_fuzz", {"mixed": EXAMPLE, "unpacked": UNPACKED, "empty": b""})
write("sequence_example_fuzz", {"mixed": SEQUENCE, "context": EXAMPLE, "empty": b""})
write(
    "tfrecord_fuzz",
    {
        "three": records(b"", b"abc", EXAMPLE),
        "gzip": gzip.compress(records(b"abc", EXAMPLE), mtime=0),
        "long": struct.pack("<Q", 1 << 60) + b"\0" * 8,
    },
)
write(
    "csv_fuzz",
    {
        "plain": b"a,b\n1,2.5\n,x\n",
        "quoted": b'a,b\r\n"x,""y""","line\nbreak"\r\n\r\n"open',
        "numbers": b"a\n1_000\n +5 \nnan\n-Infinity\n99999999999999999999\n",
    },
)
write(
    "jsonl_fuzz",
    {
        "kinds": b'{"i":1,"f":-2.5e3,"s":"\\u00e9\\ud83d\\ude00","b":true,"n":null,"x":NaN}',
        "nested": b'{"u":{"id":7,"t":["a",null]},"p":[{"x":1},{"y":[[]]}]}',
        "clash": b'{"a":[1,"x",{"b":2}],"c":18446744073709551616}',
    },
)


def long(value):
    """Avro's zigzag varint."""
    value = (value << 1) ^ (value >> 63)
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def text(value):
    return long(len(value)) + value


def avro(fields, count, content, codec=b"null"):
    """A container of one block; the first byte is the target's own."""
    schema = b'{"type":"record","name":"r","fields":' + fields + b"}"
    marker = b"0123456789abcdef"
    return (b"\0Obj\x01" + long(2) + text(b"avro.schema") + text(schema) + text(b"avro.codec")
            + text(codec) + long(0) + marker + long(count) + text(content) + marker)


DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)
write(
    "avro_fuzz",
    {
        "union": avro(b'[{"name":"f","type":["null","long",{"type":"array","items":"string"}]}]', 3,
                      long(0) + long(1) + long(-7) + long(2) + long(1) + text(b"x") + long(0)),
        "deflate": avro(b'[{"name":"m","type":{"type":"map","values":"double"}}]', 1,
                        DEFLATE.compress(long(1) + text(b"k") + b"\0" * 8 + long(0)) + DEFLATE.flush(),
                        b"deflate"),
        "decimal": avro(b'[{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":9}},'
                        b'{"name":"e","type":{"type":"enum","name":"e","symbols":["A"]}}]', 1,
                        text(b"\x04\xe2") + long(0)),
    },
)
write(
    "schema_text_fuzz",
    {
        "flights": (HERE.parents[1] / "examples" / "flights" / "schema.pbtxt").read_bytes(),
        "nested": b'feature { name: "a" type: STRUCT struct_domain { feature { name: "b" } } '
        b'value_counts { value_count { min: 1 max: 2 } } drift_comparator { infinity_norm { threshold: 0.1 } } } '
        b'sparse_feature { name: "s" index_feature { name: "i" } value_feature { name: "v" } } '
        b'string_domain { name: "d" value: "\\377" } default_environment: "TRAINING"',
        "broken": b'feature { name: "a" type: NO_SUCH }',
    },
)
