// The cloud backend of the instruction set that this is compiled for; LIOUVILLE_BACKEND is the name of the table.
#include "backend.h"

#include "assignment.h"
#include "chamfer.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

static size_t cloudWorkspace(CloudDistance distance, const CloudTask* task) {
  switch (distance) {
    case CloudDistance::chamfer: return chamferWorkspace(ptrdiff_t(task->yCount), ptrdiff_t(task->dim));
    case CloudDistance::earthMover: return assignmentWorkspace(ptrdiff_t(task->xCount), ptrdiff_t(task->dim));
  }
  return 0;
}

static void runCloudTask(CloudDistance distance, const CloudTask* task) {
  const Points x{task->x, ptrdiff_t(task->xCount), ptrdiff_t(task->dim)};
  const Points y{task->y, ptrdiff_t(task->yCount), ptrdiff_t(task->dim)};
  switch (distance) {
    case CloudDistance::chamfer: return chamferDistances(x, y, task->workspace, task->result);
    case CloudDistance::earthMover:
      return earthMoverDistance(x, y, task->limit, task->workspace, task->cancelled, task->result);
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE

extern const liouville::CloudBackend LIOUVILLE_BACKEND;
const liouville::CloudBackend LIOUVILLE_BACKEND = {
    liouville::LIOUVILLE_ISA_NAMESPACE::cloudWorkspace,
    liouville::LIOUVILLE_ISA_NAMESPACE::runCloudTask,
};
