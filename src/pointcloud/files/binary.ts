/** A number in a binary file. */
export interface BinaryType {
  readonly bytes: number;
  read(view: DataView, offset: number, little: boolean): number;
}

const int8: BinaryType = { bytes: 1, read: (view, at) => view.getInt8(at) };
const uint8: BinaryType = { bytes: 1, read: (view, at) => view.getUint8(at) };
const int16: BinaryType = { bytes: 2, read: (view, at, little) => view.getInt16(at, little) };
const uint16: BinaryType = { bytes: 2, read: (view, at, little) => view.getUint16(at, little) };
const int32: BinaryType = { bytes: 4, read: (view, at, little) => view.getInt32(at, little) };
const uint32: BinaryType = { bytes: 4, read: (view, at, little) => view.getUint32(at, little) };
const int64: BinaryType = { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) };
const uint64: BinaryType = { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) };
const float32: BinaryType = { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) };
const float64: BinaryType = { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) };

/** By their names in .ply files. */
export const plyTypes: ReadonlyMap<string, BinaryType> = new Map([
  ['char', int8],
  ['int8', int8],
  ['uchar', uint8],
  ['uint8', uint8],
  ['short', int16],
  ['int16', int16],
  ['ushort', uint16],
  ['uint16', uint16],
  ['int', int32],
  ['int32', int32],
  ['uint', uint32],
  ['uint32', uint32],
  ['float', float32],
  ['float32', float32],
  ['double', float64],
  ['float64', float64],
]);

/** By TYPE and SIZE of .pcd files. */
export const pcdTypes: ReadonlyMap<string, BinaryType> = new Map([
  ['I1', int8],
  ['I2', int16],
  ['I4', int32],
  ['I8', int64],
  ['U1', uint8],
  ['U2', uint16],
  ['U4', uint32],
  ['U8', uint64],
  ['F4', float32],
  ['F8', float64],
]);
