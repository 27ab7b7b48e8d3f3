// Faiss as a peer; the first argument is an index_factory string (HNSW16, IVF1024,PQ128x4fs,RFlat …), inner product on unit vectors is searched as L2.
// Debian: apt install libfaiss-dev libopenblas-dev; g++ -O3 -march=native -std=c++17 -fopenmp faiss.cc -o faiss -lfaiss -lopenblas -lpthread
// A library built with Faiss's own AVX-512 kernels is linked in the same way, and is the fairer peer.
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <faiss/impl/io.h>
#include <omp.h>
#include <memory>
#include "peer.h"

struct FaissIndex : peer::Index {
    std::string factory;
    std::unique_ptr<faiss::Index> index;
    faiss::IndexRefineFlat* refine = nullptr;
    faiss::IndexIVF* lists = nullptr;
    faiss::IndexHNSW* graph = nullptr;

    explicit FaissIndex(std::string factory) : factory(std::move(factory)) {}

    std::vector<std::string> efforts() const override {
        if (graph) return {"10", "16", "24", "32", "48", "64", "96", "128", "192", "256", "400", "800"};
        // Lists that are probed, and how many times k are refined.
        return {"1/4", "2/4", "4/4", "8/4", "16/4", "32/4", "64/4", "128/4", "4/16", "8/16", "16/16", "32/16", "64/16", "128/16"};
    }

    size_t build(const peer::Rows& rows, bool, int threads) override {
        omp_set_num_threads(threads);
        index.reset(faiss::index_factory(rows.dimensions, factory.c_str(), faiss::METRIC_L2));
        refine = dynamic_cast<faiss::IndexRefineFlat*>(index.get());
        faiss::Index* base = refine ? refine->base_index : index.get();
        lists = dynamic_cast<faiss::IndexIVF*>(base);
        graph = dynamic_cast<faiss::IndexHNSW*>(base);
        if (graph) graph->hnsw.efConstruction = 200;
        index->train(static_cast<faiss::idx_t>(rows.count), rows.values.data());
        index->add(static_cast<faiss::idx_t>(rows.count), rows.values.data());
        omp_set_num_threads(1);
        faiss::VectorIOWriter writer;
        faiss::write_index(index.get(), &writer);
        return writer.data.size();
    }

    void set_effort(const std::string& effort) override {
        if (graph) graph->hnsw.efSearch = std::stoi(effort);
        if (lists) lists->nprobe = std::stoi(effort);
        size_t slash = effort.find('/');
        if (refine && slash != std::string::npos) refine->k_factor = std::stof(effort.substr(slash + 1));
    }

    void search(const float* query, int k, int32_t* ids) override {
        float distances[256];
        faiss::idx_t found[256];
        omp_set_num_threads(1);
        index->search(1, query, k, distances, found);
        for (int i = 0; i < k; i++) ids[i] = static_cast<int32_t>(found[i]);
    }
};

int main(int count, char** arguments) {
    std::string factory = count > 1 ? arguments[1] : "HNSW16";
    FaissIndex index(factory);
    return peer::serve("faiss-" + factory, index);
}
